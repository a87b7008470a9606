import * as resource from '../support/javascript/resource.mjs';

/** The resource as a service of the broker. */
export function resourceService() {
  let hits = 0;
  return {
    name: 'resource',
    actions: {
      read: answer,
      counted(ctx) {
        hits += 1;
        return answer(ctx);
      },
      cacheable: (ctx) => answer(ctx, { 'Cache-Control': resource.cacheControl }),
      status(ctx) {
        ctx.meta.$statusCode = Number(ctx.params.code);
        return { status: ctx.meta.$statusCode };
      },
      fail: () => resource.fail(),
      session: (ctx) => ({ cookie: ctx.meta.cookie ?? null }),
      redirect(ctx) {
        ctx.meta.$statusCode = Number(ctx.params.status);
        ctx.meta.$location = ctx.params.to;
      },
      ownOptions(ctx) {
        ctx.meta.$responseType = 'text/plain';
        ctx.meta.$responseHeaders = { Allow: resource.ownAllow };
        return 'own';
      },
      ownCors: (ctx) => answer(ctx, { 'Access-Control-Allow-Origin': resource.legacyOrigin }),
      hits: () => ({ hits }),
    },
  };
}

function answer(ctx, headers) {
  ctx.meta.vary = resource.vary;
  ctx.meta.$responseHeaders = { ...resource.headers, ...headers };
  return resource.body;
}
