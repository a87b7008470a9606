import { once } from 'node:events';

import { BuildEnvironment } from '@mockoon/commons';
import { MockoonServer } from '@mockoon/commons-server';

import { fixedHeaders } from '../support/dev-servers/fixed-headers.mjs';
import { inFrontOfTheResource } from '../support/dev-servers/served.mjs';
import { listening } from '../support/javascript/listener.mjs';
import { run } from '../support/javascript/protocol.mjs';
import { installed, node } from '../support/javascript/versions.mjs';

const hello = {
  name: 'mockoon',
  language: 'javascript',
  framework: installed('@mockoon/commons-server'),
  middleware: `CORS of ${installed('@mockoon/commons-server')}`,
  runtime: node,
  homepage: 'https://mockoon.com',
  issues: 'https://github.com/mockoon/mockoon/issues',
  lacks: [],
};

/**
 * As the documentation has it: preflights are answered by the server, and the headers of the environment take the place
 * of its own. Without a policy it is the environment that Mockoon makes.
 */
function cors(policy) {
  if (policy === null) {
    return {};
  }
  const headers = Object.entries(fixedHeaders(policy, 'the list of headers'));
  return {
    cors: true,
    headers: headers.filter(([, value]) => value !== undefined).map(([key, value]) => ({ key, value })),
  };
}

async function start(policy, resource) {
  const made = BuildEnvironment({ hasDefaultRoute: false, hasContentTypeHeader: false });
  const environment = { ...made, ...cors(policy), hostname: '127.0.0.1', port: 0, proxyMode: true, proxyHost: resource };
  const server = new MockoonServer(environment, { enableAdminApi: false });
  server.on('error', (code, error) => console.error(code, error?.message));
  const started = once(server, 'started');
  server.start();
  await started;
  return listening(server.serverInstance);
}

run({ hello, serve: (policy) => inFrontOfTheResource((resource) => start(policy, resource)) });
