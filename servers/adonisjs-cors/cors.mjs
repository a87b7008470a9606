import { Unsupported } from '../support/javascript/answers.mjs';
import { refusePatterns } from '../support/javascript/patterns.mjs';
import { isAny } from '../support/javascript/policy.mjs';
import { requireNames } from '../support/javascript/stars.mjs';

/** The policy, said as the documentation of `config/cors.ts` shows. */
export function corsConfig(policy) {
  refusePatterns(policy, 'origin is a list of origins; there are no patterns');
  if (isAny(policy.methods)) {
    throw new Unsupported('methods lists the methods that a preflight may ask for; "*" is one of them, and no wildcard');
  }
  const config = {
    enabled: true,
    origin: isAny(policy.origins) ? '*' : policy.origins,
    methods: policy.methods,
    headers: isAny(policy.headers) ? true : policy.headers,
    exposeHeaders: policy.expose,
    credentials: policy.credentials,
  };
  requireNames(config, 'exposeHeaders');
  return policy.max_age === null ? config : { ...config, maxAge: policy.max_age };
}
