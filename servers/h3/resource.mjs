import { getQuery, getRouterParam, H3, handleCors, HTTPError, redirect } from 'h3';

import * as resource from '../support/javascript/resource.mjs';

/** The resource behind h3's CORS helper. */
export function application(options) {
  let hits = 0;
  // It would print every error that /error throws.
  const app = new H3({ silent: true });

  app.use((event) => {
    const response = handleCors(event, options);
    if (response !== false) {
      return response;
    }
  });

  const on = (methods, path, handler, options) => methods.forEach((method) => app.on(method, path, handler, options));
  on(resource.methods, '/resource', (event) => {
    hits += 1;
    return answer(event);
  });
  app.get('/cacheable', (event) => {
    event.res.headers.set('Cache-Control', resource.cacheControl);
    return answer(event);
  });
  on(['GET', 'POST'], '/status/:code', status);
  on(['GET', 'POST'], '/error', resource.fail);
  app.get('/protected', answer, { middleware: [requireToken] });
  app.get('/session', (event) => ({ cookie: event.req.headers.get('Cookie') }));
  on(['GET', 'POST', 'PUT'], '/redirect', (event) => {
    const { to, status } = getQuery(event);
    return redirect(to, Number(status));
  });
  app.options('/own-options', (event) => {
    event.res.headers.set('Allow', resource.ownAllow);
    return 'own';
  });
  app.get('/own-cors', (event) => {
    event.res.headers.set('Access-Control-Allow-Origin', resource.legacyOrigin);
    return answer(event);
  });
  app.get('/hits', () => ({ hits }));
  return app;
}

function answer(event) {
  Object.entries(resource.headers).forEach(([name, value]) => event.res.headers.set(name, value));
  event.res.headers.append('Vary', resource.vary);
  return resource.body;
}

function status(event) {
  const code = Number(getRouterParam(event, 'code'));
  event.res.status = code;
  return { status: code };
}

function requireToken(event) {
  if (!resource.isAuthorized(event.req.headers.get('Authorization'))) {
    throw new HTTPError({ status: 401, headers: { 'WWW-Authenticate': resource.challenge } });
  }
}
