import { cors } from '@elysiajs/cors';

import { orRefused } from '../support/javascript/answers.mjs';
import { run } from '../support/javascript/protocol.mjs';
import { installed } from '../support/javascript/versions.mjs';
import { corsConfig } from './cors.mjs';
import { application } from './resource.mjs';

run({
  hello: {
    name: 'elysia',
    language: 'javascript',
    framework: installed('elysia'),
    middleware: installed('@elysiajs/cors'),
    runtime: `bun ${Bun.version}`,
    homepage: 'https://elysiajs.com/plugins/cors',
    issues: 'https://github.com/elysiajs/elysia-cors/issues',
    lacks: [],
  },
  async serve(policy) {
    const config = policy === null ? [] : [corsConfig(policy)];
    const plugin = await orRefused(() => cors(...config));
    const app = application(plugin).listen({ hostname: '127.0.0.1', port: 0 });
    return { url: `http://127.0.0.1:${app.server.port}`, stop: () => app.stop(true) };
  },
});
