import { Layer } from 'effect';
import { HttpRouter } from 'effect/http';

import { orRefused } from '../support/javascript/answers.mjs';
import { run } from '../support/javascript/protocol.mjs';
import { installed } from '../support/javascript/versions.mjs';
import { corsOptions } from './cors.mjs';
import { routes } from './resource.mjs';

run({
  hello: {
    name: 'effect-http',
    language: 'javascript',
    framework: installed('effect'),
    middleware: `${installed('effect')} (HttpRouter.cors)`,
    runtime: `bun ${Bun.version}`,
    homepage: 'https://effect.website',
    issues: 'https://github.com/Effect-TS/effect/issues',
    lacks: [],
  },
  async serve(policy) {
    const options = policy === null ? [] : [corsOptions(policy)];
    const cors = await orRefused(() => HttpRouter.cors(...options));
    const { handler, dispose } = HttpRouter.toWebHandler(Layer.merge(routes(), cors), { disableLogger: true });
    const server = Bun.serve({ hostname: '127.0.0.1', port: 0, fetch: (request) => handler(request) });
    return {
      url: `http://127.0.0.1:${server.port}`,
      async stop() {
        await server.stop(true);
        await dispose();
      },
    };
  },
});
