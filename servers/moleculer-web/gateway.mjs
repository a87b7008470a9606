import ApiGateway from 'moleculer-web';
import vary from 'vary';

import * as resource from '../support/javascript/resource.mjs';

const { UnAuthorizedError } = ApiGateway.Errors;

/** The API gateway in front of the resource. */
export function gateway(cors) {
  return {
    name: 'api',
    mixins: [ApiGateway],
    settings: {
      ip: '127.0.0.1',
      port: 0,
      cors,
      routes: [
        { path: '/protected', name: 'protected', authorization: true, aliases: { 'GET /': 'resource.read' }, ...common },
        { path: '/', name: 'open', aliases, ...common },
      ],
    },
    methods: {
      async authorize(ctx, route, req, res) {
        if (!resource.isAuthorized(req.headers.authorization)) {
          res.setHeader('WWW-Authenticate', resource.challenge);
          throw new UnAuthorizedError();
        }
      },
    },
  };
}

const common = {
  mappingPolicy: 'restrict',
  // The resource looks into no body, so that it takes every type.
  bodyParsers: false,
  onBeforeCall(ctx, route, req) {
    ctx.meta.cookie = req.headers.cookie;
  },
  // $responseHeaders would replace what stands in Vary.
  onAfterCall(ctx, route, req, res, data) {
    if (ctx.meta.vary) {
      vary(res, ctx.meta.vary);
    }
    return data;
  },
};

const aliases = {
  ...Object.fromEntries([...resource.methods, 'HEAD'].map((method) => [`${method} /resource`, 'resource.counted'])),
  'GET /cacheable': 'resource.cacheable',
  'GET /status/:code': 'resource.status',
  'POST /status/:code': 'resource.status',
  'GET /error': 'resource.fail',
  'POST /error': 'resource.fail',
  'GET /session': 'resource.session',
  'GET /redirect': 'resource.redirect',
  'POST /redirect': 'resource.redirect',
  'PUT /redirect': 'resource.redirect',
  // An alias for OPTIONS is never found, one for every method is.
  '/own-options': 'resource.ownOptions',
  'GET /own-cors': 'resource.ownCors',
  'GET /hits': 'resource.hits',
};
