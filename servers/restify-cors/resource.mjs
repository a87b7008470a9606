import restify from 'restify';

import * as resource from '../support/javascript/resource.mjs';

/** The resource, without CORS. */
export function addRoutes(server) {
  let hits = 0;
  server.use(restify.plugins.queryParser());

  async function counted(req, res) {
    hits += 1;
    await answer(req, res);
  }

  server.get('/resource', counted);
  server.head('/resource', counted);
  server.post('/resource', counted);
  server.put('/resource', counted);
  server.patch('/resource', counted);
  server.del('/resource', counted);
  server.get('/cacheable', async (req, res) => {
    res.header('Cache-Control', resource.cacheControl);
    await answer(req, res);
  });
  server.get('/status/:code', status);
  server.post('/status/:code', status);
  server.get('/error', fail);
  server.post('/error', fail);
  server.get('/protected', requireToken, answer);
  server.get('/session', async (req, res) => {
    res.send({ cookie: req.headers.cookie ?? null });
  });
  server.get('/redirect', redirect);
  server.post('/redirect', redirect);
  server.put('/redirect', redirect);
  server.opts('/own-options', async (req, res) => {
    res.header('Allow', resource.ownAllow);
    res.sendRaw('own');
  });
  server.get('/own-cors', async (req, res) => {
    res.header('Access-Control-Allow-Origin', resource.legacyOrigin);
    await answer(req, res);
  });
  server.get('/hits', async (req, res) => {
    res.send({ hits });
  });
}

/** `res.header` adds to `Vary`, as it does to every header that may be repeated. */
async function answer(req, res) {
  Object.entries(resource.headers).forEach(([name, value]) => res.header(name, value));
  res.header('Vary', resource.vary);
  // Without it, HEAD would not tell the type.
  res.header('Content-Type', 'application/json');
  res.send(resource.body);
}

async function status(req, res) {
  const code = Number(req.params.code);
  res.send(code, { status: code });
}

/** Restify catches what an async handler throws. */
async function fail() {
  resource.fail();
}

function requireToken(req, res, next) {
  if (resource.isAuthorized(req.headers.authorization)) {
    return next();
  }
  res.header('WWW-Authenticate', resource.challenge);
  res.send(401);
  return next(false);
}

function redirect(req, res, next) {
  res.redirect(Number(req.query.status), req.query.to, next);
}
