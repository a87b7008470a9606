import { once } from 'node:events';

import restify from 'restify';
import corsMiddleware from 'restify-cors-middleware2';

import { orRefused, Unsupported } from '../support/javascript/answers.mjs';
import { listening } from '../support/javascript/listener.mjs';
import { run } from '../support/javascript/protocol.mjs';
import { installed, node } from '../support/javascript/versions.mjs';
import { corsOptions } from './cors.mjs';
import { addRoutes } from './resource.mjs';

run({
  hello: {
    name: 'restify-cors',
    language: 'javascript',
    framework: installed('restify'),
    middleware: installed('restify-cors-middleware2'),
    runtime: node,
    homepage: 'https://github.com/DatatracCorporation/restify-cors-middleware#readme',
    issues: 'https://github.com/DatatracCorporation/restify-cors-middleware/issues',
    lacks: [],
  },
  async serve(policy) {
    if (policy === null) {
      throw new Unsupported('the readme’s usage lists origins and headers; there is no shorter one');
    }
    const options = corsOptions(policy);
    const cors = await orRefused(() => corsMiddleware(options));
    const server = restify.createServer({ log: restify.logger({ level: 'silent' }) });
    server.pre(cors.preflight);
    server.use(cors.actual);
    addRoutes(server);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return listening(server.server);
  },
});
