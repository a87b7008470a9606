import { createServer } from 'node:http';

import jsonServer from 'json-server';

import { requireAnyWithCredentials } from '../support/dev-servers/any-with-credentials.mjs';
import { application } from '../support/dev-servers/upstream.mjs';
import { listen } from '../support/javascript/listener.mjs';
import { run } from '../support/javascript/protocol.mjs';
import { installed, node } from '../support/javascript/versions.mjs';

const hello = {
  name: 'json-server',
  language: 'javascript',
  framework: installed('json-server'),
  middleware: `defaults() of ${installed('json-server')}`,
  runtime: node,
  homepage: 'https://github.com/typicode/json-server/tree/v0.17.4#readme',
  issues: 'https://github.com/typicode/json-server/issues',
  lacks: [],
};

/** As the readme has it for routes of one's own: the default middlewares, CORS among them, then the routes. */
function start(policy) {
  requireAnyWithCredentials(policy);
  const server = jsonServer.create();
  server.use(jsonServer.defaults({ logger: false }));
  server.use(application());
  return listen(createServer(server));
}

run({ hello, serve: async (policy) => start(policy) });
