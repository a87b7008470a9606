import { Elysia } from 'elysia';

import * as resource from '../support/javascript/resource.mjs';

/** The resource behind a CORS plugin. */
export function application(cors) {
  let hits = 0;

  function counted(context) {
    hits += 1;
    return answer(context);
  }

  // The resource looks into no body, so that it takes every type.
  return new Elysia()
    .use(cors)
    .onParse(() => ({}))
    .get('/resource', counted)
    .post('/resource', counted)
    .put('/resource', counted)
    .patch('/resource', counted)
    .delete('/resource', counted)
    .get('/cacheable', (context) => {
      context.set.headers['cache-control'] = resource.cacheControl;
      return answer(context);
    })
    .get('/status/:code', status)
    .post('/status/:code', status)
    .get('/error', resource.fail)
    .post('/error', resource.fail)
    .get('/protected', answer, { beforeHandle: requireToken })
    .get('/session', ({ headers }) => ({ cookie: headers.cookie ?? null }))
    .get('/redirect', redirectTo)
    .post('/redirect', redirectTo)
    .put('/redirect', redirectTo)
    .options('/own-options', ({ set }) => {
      set.headers.allow = resource.ownAllow;
      return 'own';
    })
    .get('/own-cors', (context) => {
      context.set.headers['access-control-allow-origin'] = resource.legacyOrigin;
      return answer(context);
    })
    .get('/hits', () => ({ hits }));
}

/** `set.headers` has one value a name, so a careful handler keeps what stands in `vary`. */
function answer({ set }) {
  const vary = [set.headers.vary, resource.vary].filter(Boolean).join(', ');
  Object.assign(set.headers, resource.headers, { vary });
  return resource.body;
}

function status({ params, set }) {
  set.status = Number(params.code);
  return { status: set.status };
}

function requireToken({ headers, set, status }) {
  if (!resource.isAuthorized(headers.authorization)) {
    set.headers['www-authenticate'] = resource.challenge;
    return status(401);
  }
}

function redirectTo({ query, redirect }) {
  return redirect(query.to, Number(query.status));
}
