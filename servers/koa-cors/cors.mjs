import { refusePatterns } from '../support/javascript/patterns.mjs';
import { requireNames } from '../support/javascript/stars.mjs';

/** The policy, said as the readme of @koa/cors shows. */
export function corsOptions(policy) {
  refusePatterns(policy, 'origin is one origin, or a function of one’s own; there are no patterns');
  const options = {
    origin: origin(policy.origins),
    allowMethods: policy.methods,
    allowHeaders: policy.headers,
    exposeHeaders: policy.expose,
    credentials: policy.credentials,
  };
  requireNames(options, 'allowMethods', 'allowHeaders', 'exposeHeaders');
  return policy.max_age === null ? options : { ...options, maxAge: policy.max_age };
}

/** One origin is a string. A list is a function: the middleware knows no other way, and no patterns. */
function origin(origins) {
  if (origins.length === 1) {
    return origins[0];
  }
  return (ctx) => (origins.includes(ctx.get('Origin')) ? ctx.get('Origin') : '');
}
