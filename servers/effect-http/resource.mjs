import { Effect, Layer } from 'effect';
import { HttpRouter, HttpServerRequest, HttpServerResponse } from 'effect/http';

import * as resource from '../support/javascript/resource.mjs';

/** The routes of the resource. */
export function routes() {
  let hits = 0;
  const on = (methods, path, handler) => methods.map((method) => HttpRouter.route(method, path, handler));

  const open = HttpRouter.addAll([
    ...on([...resource.methods, 'HEAD'], '/resource', counted),
    ...on(['GET'], '/cacheable', answer({ 'Cache-Control': resource.cacheControl })),
    ...on(['GET', 'POST'], '/status/:code', Effect.map(HttpRouter.params, ({ code }) => status(Number(code)))),
    ...on(['GET', 'POST'], '/error', Effect.sync(resource.fail)),
    ...on(['GET'], '/session', session),
    ...on(['GET', 'POST', 'PUT'], '/redirect', redirect),
    ...on(['OPTIONS'], '/own-options', HttpServerResponse.text('own', { headers: { Allow: resource.ownAllow } })),
    ...on(['GET'], '/own-cors', answer({ 'Access-Control-Allow-Origin': resource.legacyOrigin })),
    ...on(['GET'], '/hits', () => HttpServerResponse.json({ hits })),
  ]);
  const guarded = HttpRouter.add('GET', '/protected', answer()).pipe(Layer.provide(RequireToken));
  return Layer.merge(open, guarded);

  function counted() {
    hits += 1;
    return Effect.succeed(answer());
  }
}

const RequireToken = HttpRouter.middleware((handler) =>
  Effect.flatMap(HttpServerRequest.HttpServerRequest, ({ headers }) =>
    resource.isAuthorized(headers.authorization) ? handler : Effect.succeed(unauthorized),
  ),
).layer;

const unauthorized = HttpServerResponse.empty({ status: 401, headers: { 'WWW-Authenticate': resource.challenge } });

function answer(headers) {
  return HttpServerResponse.jsonUnsafe(resource.body, {
    headers: { ...resource.headers, Vary: resource.vary, ...headers },
  });
}

/** A response that may have no body takes none. */
function status(code) {
  if ([204, 205, 304].includes(code)) {
    return HttpServerResponse.empty({ status: code });
  }
  return HttpServerResponse.jsonUnsafe({ status: code }, { status: code });
}

function session({ headers }) {
  return HttpServerResponse.json({ cookie: headers.cookie ?? null });
}

function redirect({ url }) {
  const query = new URL(url, 'http://127.0.0.1').searchParams;
  return Effect.succeed(HttpServerResponse.redirect(query.get('to'), { status: Number(query.get('status')) }));
}
