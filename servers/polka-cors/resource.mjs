import polka from 'polka';
import vary from 'vary';

import * as resource from '../support/javascript/resource.mjs';

/** The resource behind a CORS middleware. */
export function application(cors) {
  let hits = 0;
  const app = polka().use(cors);

  const on = (methods, path, ...handlers) => methods.forEach((method) => app.add(method, path, ...handlers));
  on(resource.methods, '/resource', (req, res) => {
    hits += 1;
    answer(req, res);
  });
  // Polka routes HEAD where there is a route for it.
  on(['HEAD'], '/resource', answer);
  on(['GET'], '/cacheable', (req, res) => {
    res.setHeader('Cache-Control', resource.cacheControl);
    answer(req, res);
  });
  on(['GET', 'POST'], '/status/:code', status);
  // It is to `next` that errors go in Polka, which catches none.
  on(['GET', 'POST'], '/error', (req, res, next) => next(new Error('the handler fails')));
  on(['GET'], '/protected', requireToken, answer);
  on(['GET'], '/session', (req, res) => json(res, { cookie: req.headers.cookie ?? null }));
  on(['GET', 'POST', 'PUT'], '/redirect', redirect);
  on(['OPTIONS'], '/own-options', (req, res) => {
    res.setHeader('Allow', resource.ownAllow);
    res.end('own');
  });
  on(['GET'], '/own-cors', (req, res) => {
    res.setHeader('Access-Control-Allow-Origin', resource.legacyOrigin);
    answer(req, res);
  });
  on(['GET'], '/hits', (req, res) => json(res, { hits }));
  return app;
}

function json(res, body) {
  res.setHeader('Content-Type', 'application/json');
  res.end(JSON.stringify(body));
}

/** `vary` adds to what the middleware has said, where `setHeader` would replace it. */
function answer(req, res) {
  Object.entries(resource.headers).forEach(([name, value]) => res.setHeader(name, value));
  vary(res, resource.vary);
  json(res, resource.body);
}

function status(req, res) {
  res.statusCode = Number(req.params.code);
  json(res, { status: res.statusCode });
}

function requireToken(req, res, next) {
  if (resource.isAuthorized(req.headers.authorization)) {
    return next();
  }
  res.writeHead(401, { 'WWW-Authenticate': resource.challenge });
  res.end();
}

function redirect(req, res) {
  res.writeHead(Number(req.query.status), { Location: req.query.to });
  res.end();
}
