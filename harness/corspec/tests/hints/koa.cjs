const Koa = require('koa');
const app = new Koa();
{hint}
app.use((ctx) => { if (ctx.path === '/items') { ctx.set('X-Request-Id', '1'); ctx.body = {}; } });
app.listen(process.env.PORT, '127.0.0.1');
