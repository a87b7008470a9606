import * as resource from './resource.mjs';

/** Handlers for frameworks whose requests and responses are those of Express, or are made like them. */

export function answer(req, res) {
  res.set(resource.headers).vary(resource.vary).json(resource.body);
}

export function cacheable(req, res) {
  answer(req, res.set('Cache-Control', resource.cacheControl));
}

export function status(req, res) {
  const code = Number(req.params.code);
  res.status(code).json({ status: code });
}

export function requireToken(req, res, next) {
  if (resource.isAuthorized(req.get('Authorization'))) {
    return next();
  }
  res.status(401).set('WWW-Authenticate', resource.challenge).end();
}

export function session(req, res) {
  res.json({ cookie: req.get('Cookie') ?? null });
}

export function ownOptions(req, res) {
  res.set('Allow', resource.ownAllow).send('own');
}

export function ownCors(req, res) {
  answer(req, res.set('Access-Control-Allow-Origin', resource.legacyOrigin));
}
