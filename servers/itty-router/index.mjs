import { AutoRouter, cors } from 'itty-router';

import { orRefused } from '../support/javascript/answers.mjs';
import { addRoutes } from '../support/javascript/itty.mjs';
import { run } from '../support/javascript/protocol.mjs';
import { installed } from '../support/javascript/versions.mjs';
import { corsOptions } from './cors.mjs';

run({
  hello: {
    name: 'itty-router',
    language: 'javascript',
    framework: installed('itty-router'),
    middleware: `${installed('itty-router')} (cors)`,
    runtime: `bun ${Bun.version}`,
    homepage: 'https://itty.dev/itty-router/cors',
    issues: 'https://github.com/kwhitley/itty-router/issues',
    lacks: [],
  },
  async serve(policy) {
    const options = policy === null ? [] : [corsOptions(policy)];
    const { preflight, corsify } = await orRefused(() => cors(...options));
    const router = addRoutes(AutoRouter({ before: [preflight], finally: [corsify] }));
    const server = Bun.serve({ hostname: '127.0.0.1', port: 0, fetch: router.fetch });
    return { url: `http://127.0.0.1:${server.port}`, stop: () => server.stop(true) };
  },
});
