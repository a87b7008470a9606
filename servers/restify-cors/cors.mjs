import { requireNames } from '../support/javascript/stars.mjs';

/**
 * The policy, said as the readme of restify-cors-middleware2 shows; patterns have the readme's own form. There is no
 * option for methods: a preflight is granted whichever it asks for.
 */
export function corsOptions(policy) {
  const options = {
    origins: policy.origins,
    credentials: policy.credentials,
    allowHeaders: policy.headers,
    exposeHeaders: policy.expose,
  };
  requireNames(options, 'allowHeaders', 'exposeHeaders');
  return policy.max_age === null ? options : { ...options, preflightMaxAge: policy.max_age };
}
