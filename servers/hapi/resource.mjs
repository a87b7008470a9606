import Boom from '@hapi/boom';

import * as resource from '../support/javascript/resource.mjs';

/** The resource. `optionsOf` has the options that a route of some method needs beside its own. */
export function addRoutes(server, optionsOf) {
  let hits = 0;

  server.auth.scheme('token', requireToken);
  server.auth.strategy('token', 'token');

  function route(methods, path, handler, options = {}) {
    for (const method of methods) {
      // The resource looks into no body, so that it takes every type.
      const payload = method === 'GET' ? {} : { payload: { parse: false } };
      server.route({ method, path, handler, options: { ...payload, ...options, ...optionsOf(method) } });
    }
  }

  route(resource.methods, '/resource', (request, h) => {
    hits += 1;
    return answer(request, h);
  });
  route(['GET'], '/cacheable', (request, h) => answer(request, h).header('Cache-Control', resource.cacheControl));
  route(['GET', 'POST'], '/status/{code}', status);
  route(['GET', 'POST'], '/error', resource.fail);
  route(['GET'], '/protected', answer, { auth: 'token' });
  route(['GET'], '/session', (request) => ({ cookie: request.headers.cookie ?? null }));
  route(['GET', 'POST', 'PUT'], '/redirect', redirect);
  route(['OPTIONS'], '/own-options', (request, h) => h.response('own').header('Allow', resource.ownAllow));
  route(['GET'], '/own-cors', (request, h) =>
    answer(request, h).header('Access-Control-Allow-Origin', resource.legacyOrigin),
  );
  route(['GET'], '/hits', () => ({ hits }));
}

function answer(request, h) {
  const response = h.response(resource.body).vary(resource.vary);
  Object.entries(resource.headers).forEach(([name, value]) => response.header(name, value));
  return response;
}

function status(request, h) {
  const code = Number(request.params.code);
  return h.response({ status: code }).code(code);
}

function requireToken() {
  return {
    authenticate(request, h) {
      if (!resource.isAuthorized(request.headers.authorization)) {
        throw Boom.unauthorized(null, resource.challenge);
      }
      return h.authenticated({ credentials: {} });
    },
  };
}

function redirect(request, h) {
  return h.redirect(request.query.to).code(Number(request.query.status));
}
