import { isAny, subdomains } from './policy.mjs';
import * as resource from './resource.mjs';
import { requireNames } from './stars.mjs';

/** The resource behind Hono's CORS middleware. Hono itself is handed in, since each server has its own copy. */
export function application({ Hono, cors }, policy) {
  let hits = 0;
  const app = new Hono();

  app.use(policy === null ? cors() : cors(corsOptions(policy)));
  app.on(resource.methods, '/resource', (c) => {
    hits += 1;
    return answer(c);
  });
  app.get('/cacheable', (c) => {
    c.header('Cache-Control', resource.cacheControl);
    return answer(c);
  });
  app.on(['GET', 'POST'], '/status/:code', status);
  app.on(['GET', 'POST'], '/error', resource.fail);
  app.get('/protected', requireToken, answer);
  app.get('/session', (c) => c.json({ cookie: c.req.header('Cookie') ?? null }));
  app.on(['GET', 'POST', 'PUT'], '/redirect', (c) => c.redirect(c.req.query('to'), Number(c.req.query('status'))));
  app.options('/own-options', (c) => c.text('own', 200, { Allow: resource.ownAllow }));
  app.get('/own-cors', (c) => {
    c.header('Access-Control-Allow-Origin', resource.legacyOrigin);
    return answer(c);
  });
  app.get('/hits', (c) => c.json({ hits }));
  return app;
}

/** The policy, said as the documentation of the middleware shows. */
export function corsOptions(policy) {
  const options = {
    origin: isAny(policy.origins) ? '*' : origin(policy.origins),
    allowMethods: policy.methods,
    allowHeaders: policy.headers,
    exposeHeaders: policy.expose,
    credentials: policy.credentials,
  };
  requireNames(options, 'allowMethods', 'allowHeaders', 'exposeHeaders');
  return policy.max_age === null ? options : { ...options, maxAge: policy.max_age };
}

/** The documentation's own way to permit subdomains is `endsWith('.example.com')` in a function, which leaves the scheme open. */
function origin(origins) {
  const endings = origins.flatMap((entry) => subdomains(entry)?.domain ?? []).map((domain) => `.${domain}`);
  if (endings.length === 0) {
    return origins;
  }
  return (origin) => (origins.includes(origin) || endings.some((ending) => origin.endsWith(ending)) ? origin : null);
}

function answer(c) {
  Object.entries(resource.headers).forEach(([name, value]) => c.header(name, value));
  c.header('Vary', resource.vary, { append: true });
  return c.json(resource.body);
}

/** A response that may have no body takes none. */
function status(c) {
  const status = Number(c.req.param('code'));
  return [204, 205, 304].includes(status) ? c.body(null, status) : c.json({ status }, status);
}

function requireToken(c, next) {
  if (!resource.isAuthorized(c.req.header('Authorization'))) {
    return c.body(null, 401, { 'WWW-Authenticate': resource.challenge });
  }
  return next();
}
