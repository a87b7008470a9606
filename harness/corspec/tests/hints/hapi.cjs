const Hapi = require('@hapi/hapi');
{hint}
server.route({ method: ['GET', 'PUT'], path: '/items', handler: (request, h) => h.response({}).header('X-Request-Id', '1') });
server.start();
