import { Hono } from 'hono';
import { cors } from 'hono/cors';

import { application } from '../support/javascript/hono.mjs';
import { hello } from '../support/javascript/hono-hello.mjs';
import { run } from '../support/javascript/protocol.mjs';

run({
  hello: hello('hono-deno', `deno ${Deno.version.deno}`),
  async serve(policy) {
    const { fetch } = application({ Hono, cors }, policy);
    const abort = new AbortController();
    const options = { hostname: '127.0.0.1', port: 0, signal: abort.signal, onListen: () => {} };
    const server = Deno.serve(options, (request) => fetch(request));
    return {
      url: `http://127.0.0.1:${server.addr.port}`,
      stop() {
        abort.abort();
        return server.finished;
      },
    };
  },
});
