import { Hono } from 'hono';
import { cors } from 'hono/cors';

import { application } from '../support/javascript/hono.mjs';
import { hello } from '../support/javascript/hono-hello.mjs';
import { run } from '../support/javascript/protocol.mjs';

run({
  hello: hello('hono-bun', `bun ${Bun.version}`),
  async serve(policy) {
    const { fetch } = application({ Hono, cors }, policy);
    const server = Bun.serve({ hostname: '127.0.0.1', port: 0, fetch });
    return { url: `http://127.0.0.1:${server.port}`, stop: () => server.stop(true) };
  },
});
