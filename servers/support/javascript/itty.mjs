import * as resource from './resource.mjs';

/** Gives an itty router the routes of the resource. */
export function addRoutes(router) {
  let hits = 0;
  const on = (methods, path, ...handlers) =>
    methods.forEach((method) => router[method.toLowerCase()](path, ...handlers));

  on([...resource.methods, 'HEAD'], '/resource', () => {
    hits += 1;
    return answer();
  });
  router.get('/cacheable', () => answer({ 'Cache-Control': resource.cacheControl }));
  on(['GET', 'POST'], '/status/:code', ({ params }) => status(Number(params.code)));
  on(['GET', 'POST'], '/error', resource.fail);
  router.get('/protected', requireToken, () => answer());
  router.get('/session', ({ headers }) => Response.json({ cookie: headers.get('Cookie') }));
  on(['GET', 'POST', 'PUT'], '/redirect', redirect);
  router.options('/own-options', () => new Response('own', { headers: { Allow: resource.ownAllow } }));
  router.get('/own-cors', () => answer({ 'Access-Control-Allow-Origin': resource.legacyOrigin }));
  router.get('/hits', () => Response.json({ hits }));
  return router;
}

function answer(headers) {
  return Response.json(resource.body, { headers: { ...resource.headers, Vary: resource.vary, ...headers } });
}

/** A response that may have no body takes none. */
function status(code) {
  const hasNone = [204, 205, 304].includes(code);
  return hasNone ? new Response(null, { status: code }) : Response.json({ status: code }, { status: code });
}

function requireToken({ headers }) {
  if (!resource.isAuthorized(headers.get('Authorization'))) {
    return new Response(null, { status: 401, headers: { 'WWW-Authenticate': resource.challenge } });
  }
}

function redirect({ query }) {
  return new Response(null, { status: Number(query.status), headers: { Location: query.to } });
}
