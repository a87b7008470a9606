import { refusePatterns } from '../support/javascript/patterns.mjs';
import { requireNames } from '../support/javascript/stars.mjs';

/** The policy as the options of `HttpRouter.cors`. */
export function corsOptions(policy) {
  refusePatterns(policy, 'allowedOrigins is a list of origins; there are no patterns');
  const options = {
    allowedOrigins: policy.origins,
    allowedMethods: policy.methods,
    allowedHeaders: policy.headers,
    exposedHeaders: policy.expose,
    credentials: policy.credentials,
  };
  requireNames(options, 'allowedMethods', 'allowedHeaders', 'exposedHeaders');
  return policy.max_age === null ? options : { ...options, maxAge: policy.max_age };
}
