import { once } from 'node:events';

import liveServer from 'live-server';

import { requireAnyWithCredentials } from '../support/dev-servers/any-with-credentials.mjs';
import { emptyRoot } from '../support/dev-servers/empty-root.mjs';
import { inFrontOfTheResource } from '../support/dev-servers/served.mjs';
import { listening } from '../support/javascript/listener.mjs';
import { run } from '../support/javascript/protocol.mjs';
import { installed, node } from '../support/javascript/versions.mjs';

const root = emptyRoot();

const hello = {
  name: 'live-server',
  language: 'javascript',
  framework: installed('live-server'),
  middleware: `--cors of ${installed('live-server')}`,
  runtime: node,
  homepage: 'https://github.com/tapio/live-server#readme',
  issues: 'https://github.com/tapio/live-server/issues',
  lacks: [],
};

/** `live-server --cors --proxy=/:URL` */
async function start(policy, resource) {
  requireAnyWithCredentials(policy);
  const proxy = [['/', resource]];
  const server = liveServer.start({ root, host: '127.0.0.1', port: 0, open: false, logLevel: 0, cors: true, proxy });
  await once(server, 'listening');
  return listening(server);
}

run({ hello, serve: (policy) => inFrontOfTheResource((resource) => start(policy, resource)) });
