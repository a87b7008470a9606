import Hapi from '@hapi/hapi';

import { orRefused } from '../support/javascript/answers.mjs';
import { listening } from '../support/javascript/listener.mjs';
import { run } from '../support/javascript/protocol.mjs';
import { installed, node } from '../support/javascript/versions.mjs';
import { corsOf, corsOptions } from './cors.mjs';
import { addRoutes } from './resource.mjs';

run({
  hello: {
    name: 'hapi',
    language: 'javascript',
    framework: installed('@hapi/hapi'),
    middleware: installed('@hapi/hapi'),
    runtime: node,
    homepage: 'https://hapi.dev/api/#-routeoptionscors',
    issues: 'https://github.com/hapijs/hapi/issues',
    lacks: [],
  },
  async serve(policy) {
    const cors = policy === null ? true : corsOptions(policy);
    const server = await orRefused(() =>
      Hapi.server({ host: '127.0.0.1', port: 0, debug: false, routes: { cors } }),
    );
    addRoutes(server, corsOf(policy));
    await server.start();
    return listening(server.listener);
  },
});
