import cors from '@fastify/cors';
import Fastify from 'fastify';

import { orRefused } from '../support/javascript/answers.mjs';
import { corsOptions } from '../support/javascript/cors-package.mjs';
import { listening } from '../support/javascript/listener.mjs';
import { anchored } from '../support/javascript/patterns.mjs';
import { run } from '../support/javascript/protocol.mjs';
import { installed, node } from '../support/javascript/versions.mjs';
import { routes } from './resource.mjs';

run({
  hello: {
    name: 'fastify-cors',
    language: 'javascript',
    framework: installed('fastify'),
    middleware: installed('@fastify/cors'),
    runtime: node,
    homepage: 'https://github.com/fastify/fastify-cors#readme',
    issues: 'https://github.com/fastify/fastify-cors/issues',
    lacks: [],
  },
  async serve(policy) {
    // The readme's own example for subdomains is `/^https:\/\/([a-z0-9-]+\.)+example2\.com$/`.
    const options = policy === null ? {} : corsOptions(policy, anchored);
    const fastify = Fastify({ forceCloseConnections: true });
    await orRefused(() => fastify.register(cors, options));
    fastify.register(routes);
    await fastify.listen({ host: '127.0.0.1', port: 0 });
    return listening(fastify.server);
  },
});
