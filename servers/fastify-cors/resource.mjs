import { append } from 'vary';

import * as resource from '../support/javascript/resource.mjs';

/** The resource, without CORS, as a plugin. */
export async function routes(fastify) {
  let hits = 0;

  // The resource looks into no body, so that it takes every type.
  fastify.removeAllContentTypeParsers();
  fastify.addContentTypeParser('*', { parseAs: 'buffer' }, (request, body, done) => done(null, body));

  fastify.route({
    method: resource.methods,
    url: '/resource',
    handler(request, reply) {
      hits += 1;
      return answer(request, reply);
    },
  });
  fastify.get('/cacheable', (request, reply) => answer(request, reply.header('Cache-Control', resource.cacheControl)));
  fastify.route({ method: ['GET', 'POST'], url: '/status/:code', handler: status });
  fastify.route({ method: ['GET', 'POST'], url: '/error', handler: resource.fail });
  fastify.get('/protected', { preHandler: requireToken }, answer);
  fastify.get('/session', async (request) => ({ cookie: request.headers.cookie ?? null }));
  fastify.route({ method: ['GET', 'POST', 'PUT'], url: '/redirect', handler: redirect });
  fastify.options('/own-options', (request, reply) => reply.header('Allow', resource.ownAllow).send('own'));
  fastify.get('/own-cors', (request, reply) =>
    answer(request, reply.header('Access-Control-Allow-Origin', resource.legacyOrigin)),
  );
  fastify.get('/hits', async () => ({ hits }));
}

/** `reply.header` replaces, and fastify has nothing that adds to `Vary`, so a careful handler keeps what is there. */
function answer(request, reply) {
  const vary = append(reply.getHeader('Vary') ?? '', resource.vary);
  return reply.headers(resource.headers).header('Vary', vary).send(resource.body);
}

function status(request, reply) {
  const code = Number(request.params.code);
  return reply.code(code).send({ status: code });
}

async function requireToken(request, reply) {
  if (!resource.isAuthorized(request.headers.authorization)) {
    return reply.code(401).header('WWW-Authenticate', resource.challenge).send();
  }
}

function redirect(request, reply) {
  return reply.redirect(request.query.to, Number(request.query.status));
}
