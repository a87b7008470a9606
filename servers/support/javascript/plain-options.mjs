import { isAny } from './policy.mjs';
import { requireNames } from './stars.mjs';

/** The policy for middlewares that took the names of their options from `cors`, and send every list as it stands. */
export function plainOptions(policy) {
  const options = {
    origin: isAny(policy.origins) ? '*' : policy.origins,
    methods: policy.methods,
    allowedHeaders: policy.headers,
    exposedHeaders: policy.expose,
    credentials: policy.credentials,
  };
  requireNames(options, 'methods', 'allowedHeaders', 'exposedHeaders');
  return policy.max_age === null ? options : { ...options, maxAge: policy.max_age };
}
