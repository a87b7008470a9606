import { createAdaptorServer } from '@hono/node-server';
import { Hono } from 'hono';
import { cors } from 'hono/cors';

import { application } from '../support/javascript/hono.mjs';
import { hello } from '../support/javascript/hono-hello.mjs';
import { listen } from '../support/javascript/listener.mjs';
import { run } from '../support/javascript/protocol.mjs';
import { installed, node } from '../support/javascript/versions.mjs';

run({
  hello: hello('hono-node', `${node}, ${installed('@hono/node-server')}`),
  serve: (policy) => listen(createAdaptorServer({ fetch: application({ Hono, cors }, policy).fetch })),
});
