import { once } from 'node:events';

import LocalWebServer from 'local-web-server';

import { inFrontOfTheResource } from '../support/dev-servers/served.mjs';
import { Unsupported } from '../support/javascript/answers.mjs';
import { listening } from '../support/javascript/listener.mjs';
import { isAny, subdomains } from '../support/javascript/policy.mjs';
import { run } from '../support/javascript/protocol.mjs';
import { installed, node } from '../support/javascript/versions.mjs';

const hello = {
  name: 'local-web-server',
  language: 'javascript',
  framework: installed('local-web-server'),
  middleware: installed('lws-cors'),
  runtime: node,
  homepage: 'https://github.com/lwsjs/cors#readme',
  issues: 'https://github.com/lwsjs/cors/issues',
  lacks: [],
};

/** The policy as the options `--cors.origin`, `--cors.allow-methods` and `--cors.credentials`. There are no others. */
function options(policy) {
  if (policy === null) {
    return {};
  }
  const [origin, ...others] = policy.origins;
  if (origin === undefined || others.length > 0 || subdomains(origin)) {
    throw new Unsupported('cors.origin takes one origin');
  }
  if (isAny(policy.methods)) {
    throw new Unsupported('cors.allow-methods takes names alone');
  }
  if (!isAny(policy.headers)) {
    throw new Unsupported('no option lists request headers, whatever is asked for is granted');
  }
  if (policy.expose.length > 0 || policy.max_age !== null) {
    throw new Unsupported('there is no option for exposed headers or a maximum age');
  }
  return { corsOrigin: origin, corsAllowMethods: policy.methods.join(','), corsCredentials: policy.credentials };
}

async function start(policy, resource) {
  const { server } = await LocalWebServer.create({
    hostname: '127.0.0.1',
    port: 0,
    rewrite: [{ from: '/(.*)', to: `${resource}/$1` }],
    ...options(policy),
  });
  await once(server, 'listening');
  return listening(server);
}

run({ hello, serve: (policy) => inFrontOfTheResource((resource) => start(policy, resource)) });
