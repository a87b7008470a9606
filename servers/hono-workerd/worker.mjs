import { Hono } from 'hono';
import { cors } from 'hono/cors';

import { application } from '../support/javascript/hono.mjs';

/** The policy is a variable of the worker, so that the application begins with the first request. */
let app;

export default {
  fetch(request, env, ctx) {
    app ??= application({ Hono, cors }, JSON.parse(env.POLICY));
    return app.fetch(request, env, ctx);
  },
};
