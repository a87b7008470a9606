const { Hono } = require('hono');
const { serve } = require('@hono/node-server');
const app = new Hono();
{hint}
app.on(['GET', 'PUT'], '/items', (c) => c.json({}, 200, { 'X-Request-Id': '1' }));
serve({ fetch: app.fetch, port: Number(process.env.PORT), hostname: '127.0.0.1' });
