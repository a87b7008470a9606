(async () => {
const app = require('fastify')();
{hint}
app.route({ method: ['GET', 'PUT'], url: '/items', handler: (request, reply) => reply.header('X-Request-Id', '1').send({}) });
await app.listen({ port: Number(process.env.PORT), host: '127.0.0.1' });
})();
