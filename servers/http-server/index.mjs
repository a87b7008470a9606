import httpServer from 'http-server';

import { inFrontOfTheResource } from '../support/dev-servers/served.mjs';
import { Unsupported } from '../support/javascript/answers.mjs';
import { listen } from '../support/javascript/listener.mjs';
import { isAny } from '../support/javascript/policy.mjs';
import { run } from '../support/javascript/protocol.mjs';
import { installed, node } from '../support/javascript/versions.mjs';

const hello = {
  name: 'http-server',
  language: 'javascript',
  framework: installed('http-server'),
  middleware: `--cors of ${installed('http-server')}`,
  runtime: node,
  homepage: 'https://github.com/http-party/http-server#readme',
  issues: 'https://github.com/http-party/http-server/issues',
  lacks: [],
};

/** The policy as `--cors=HEADERS`. It is about any origin and no credentials; methods and exposed headers are fixed. */
function cors(policy) {
  if (policy === null) {
    return { cors: true };
  }
  if (!isAny(policy.origins) || policy.credentials) {
    throw new Unsupported('--cors stands for any origin without credentials');
  }
  if (isAny(policy.headers) || isAny(policy.methods) || isAny(policy.expose)) {
    throw new Unsupported('--cors takes names of request headers alone');
  }
  return { cors: true, corsHeaders: policy.headers.join(',') };
}

/** With `--proxy`, in a folder that has no file of the resource's. */
function start(policy, resource) {
  return listen(httpServer.createServer({ root: 'node_modules/.bin', proxy: resource, ...cors(policy) }).server);
}

run({ hello, serve: (policy) => inFrontOfTheResource((resource) => start(policy, resource)) });
