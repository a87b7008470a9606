import Router from '@koa/router';
import Koa from 'koa';

import * as resource from '../support/javascript/resource.mjs';

/** The resource behind a CORS middleware. */
export function application(cors) {
  let hits = 0;
  const router = new Router();

  router.register('/resource', resource.methods, (ctx) => {
    hits += 1;
    answer(ctx);
  });
  router.get('/cacheable', (ctx) => {
    answer(ctx);
    ctx.set('Cache-Control', resource.cacheControl);
  });
  router.register('/status/:code', ['GET', 'POST'], status);
  router.register('/error', ['GET', 'POST'], resource.fail);
  router.get('/protected', requireToken, answer);
  router.get('/session', (ctx) => {
    ctx.body = { cookie: ctx.headers.cookie ?? null };
  });
  router.register('/redirect', ['GET', 'POST', 'PUT'], redirect);
  router.options('/own-options', (ctx) => {
    ctx.set('Allow', resource.ownAllow);
    ctx.body = 'own';
  });
  router.get('/own-cors', (ctx) => {
    answer(ctx);
    ctx.set('Access-Control-Allow-Origin', resource.legacyOrigin);
  });
  router.get('/hits', (ctx) => {
    ctx.body = { hits };
  });

  const app = new Koa();
  app.use(cors).use(router.routes()).use(router.allowedMethods());
  // It would print every error that /error throws.
  app.silent = true;
  return app;
}

function answer(ctx) {
  ctx.set(resource.headers);
  ctx.vary(resource.vary);
  ctx.body = resource.body;
}

function status(ctx) {
  ctx.status = Number(ctx.params.code);
  ctx.body = { status: ctx.status };
}

function requireToken(ctx, next) {
  if (!resource.isAuthorized(ctx.get('Authorization'))) {
    ctx.throw(401, { headers: { 'WWW-Authenticate': resource.challenge } });
  }
  return next();
}

function redirect(ctx) {
  ctx.status = Number(ctx.query.status);
  ctx.redirect(ctx.query.to);
}
