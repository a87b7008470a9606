import { createServer } from 'node:http';

import { createServerAdapter, useCORS, useErrorHandling } from '@whatwg-node/server';
import { Router } from 'itty-router';

import { orRefused } from '../support/javascript/answers.mjs';
import { addRoutes } from '../support/javascript/itty.mjs';
import { listen } from '../support/javascript/listener.mjs';
import { run } from '../support/javascript/protocol.mjs';
import { installed, node } from '../support/javascript/versions.mjs';
import { corsOptions } from './cors.mjs';

run({
  hello: {
    name: 'whatwg-node',
    language: 'javascript',
    framework: installed('itty-router'),
    middleware: `${installed('@whatwg-node/server')} (useCORS)`,
    runtime: node,
    homepage: 'https://github.com/ardatan/whatwg-node/tree/master/packages/server#usecorsoptions',
    issues: 'https://github.com/ardatan/whatwg-node/issues',
    lacks: [],
  },
  async serve(policy) {
    const options = policy === null ? [] : [corsOptions(policy)];
    const cors = await orRefused(() => useCORS(...options));
    const router = addRoutes(Router()).all('*', () => new Response(null, { status: 404 }));
    return listen(createServer(createServerAdapter(router.fetch, { plugins: [useErrorHandling(), cors] })));
  },
});
