import { createServer } from 'node:http';

import { listen } from '../javascript/listener.mjs';
import * as resource from '../javascript/resource.mjs';

/** The resource, as it stands behind a development server's proxy. */
export function upstream() {
  return listen(createServer(application()));
}

/** The resource, without CORS, as a listener of requests. One for each policy, for it counts. */
export function application() {
  let hits = 0;
  const ok = (response, headers) => {
    response.setHeaders(new Headers({ ...resource.headers, Vary: resource.vary, ...headers }));
    json(response, 200, resource.body);
  };
  const methods = ['HEAD', ...resource.methods];

  /** The first part of a path, the methods that it knows, and what it answers. */
  const routes = {
    resource: [methods, ({ response }) => ((hits += 1), ok(response))],
    cacheable: [['GET'], ({ response }) => ok(response, { 'Cache-Control': resource.cacheControl })],
    status: [['GET', 'POST'], withStatus],
    error: [['GET', 'POST'], resource.fail],
    protected: [['GET'], ({ request, response }) => (isAuthorized(request) ? ok(response) : challenge(response))],
    session: [['GET'], ({ request, response }) => json(response, 200, { cookie: request.headers.cookie ?? null })],
    redirect: [['GET', 'POST', 'PUT'], redirect],
    'own-options': [['OPTIONS'], ({ response }) => end(response, 200, 'own', { Allow: resource.ownAllow })],
    'own-cors': [['GET'], ({ response }) => ok(response, { 'Access-Control-Allow-Origin': resource.legacyOrigin })],
    hits: [['GET'], ({ response }) => json(response, 200, { hits })],
  };

  return (request, response) => answer(routes, request, response);
}

function answer(routes, request, response) {
  request.resume();
  const url = new URL(request.url, 'http://upstream');
  const [, first, rest] = url.pathname.split('/');
  const [methods, handler] = (Object.hasOwn(routes, first) && routes[first]) || [];
  if (!handler) {
    return end(response, 404, 'not found');
  }
  if (!methods.includes(request.method)) {
    return end(response, 405, 'method not allowed', { Allow: methods.join(', ') });
  }
  try {
    handler({ request, response, rest, query: url.searchParams });
  } catch (error) {
    end(response, 500, error.message);
  }
}

/** A status of 1xx is no final answer, so a handler cannot give it; and some have no body. */
function withStatus({ response, rest }) {
  const status = /^[2-5][0-9][0-9]$/.test(rest) ? Number(rest) : 404;
  if ([204, 205, 304].includes(status)) {
    return response.writeHead(status).end();
  }
  json(response, status, { status });
}

function isAuthorized(request) {
  return resource.isAuthorized(request.headers.authorization);
}

function challenge(response) {
  end(response, 401, 'no token', { 'WWW-Authenticate': resource.challenge });
}

function redirect({ response, query }) {
  end(response, Number(query.get('status')), '', { Location: query.get('to') });
}

function json(response, status, value) {
  response.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(value));
}

function end(response, status, text, headers = {}) {
  response.writeHead(status, { 'Content-Type': 'text/plain', ...headers }).end(text);
}
