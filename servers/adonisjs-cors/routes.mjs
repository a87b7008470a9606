import * as resource from '../support/javascript/resource.mjs';

/** The routes of the resource. */
export function addRoutes(router) {
  let hits = 0;

  router.route('/resource', ['HEAD', ...resource.methods], (ctx) => {
    hits += 1;
    return answer(ctx);
  });
  router.get('/cacheable', (ctx) => {
    ctx.response.header('Cache-Control', resource.cacheControl);
    return answer(ctx);
  });
  router.route('/status/:code', ['GET', 'POST'], ({ params, response }) => {
    const code = Number(params.code);
    response.status(code);
    return { status: code };
  });
  router.route('/error', ['GET', 'POST'], () => resource.fail());
  router.get('/protected', answer).use(requireToken);
  router.get('/session', ({ request }) => ({ cookie: request.header('Cookie') ?? null }));
  router.route('/redirect', ['GET', 'POST', 'PUT'], ({ request, response }) => {
    const { to, status } = request.qs();
    response.redirect().status(Number(status)).toPath(to);
  });
  router.route('/own-options', ['OPTIONS'], ({ response }) => {
    response.header('Allow', resource.ownAllow);
    return 'own';
  });
  router.get('/own-cors', (ctx) => {
    ctx.response.header('Access-Control-Allow-Origin', resource.legacyOrigin);
    return answer(ctx);
  });
  router.get('/hits', () => ({ hits }));
  router.commit();
}

function answer({ response }) {
  Object.entries(resource.headers).forEach(([name, value]) => response.header(name, value));
  response.vary(resource.vary);
  return resource.body;
}

function requireToken({ request, response }, next) {
  if (resource.isAuthorized(request.header('Authorization'))) {
    return next();
  }
  response.header('WWW-Authenticate', resource.challenge).unauthorized();
}
