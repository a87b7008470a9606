import { Unsupported } from '../support/javascript/answers.mjs';
import { refusePatterns } from '../support/javascript/patterns.mjs';
import { isAny } from '../support/javascript/policy.mjs';
import { requireNames } from '../support/javascript/stars.mjs';

/** The policy as `sails.config.security.cors`, whose lists are texts with commas in them. */
export function corsConfig(policy) {
  if (policy.max_age !== null) {
    throw new Unsupported('there is no setting for how long a preflight may be remembered');
  }
  refusePatterns(policy, 'allowOrigins is a list of origins; there are no patterns');
  requireNames(policy, 'methods', 'headers', 'expose');
  return {
    allRoutes: true,
    allowOrigins: isAny(policy.origins) ? '*' : policy.origins,
    allowCredentials: policy.credentials,
    allowRequestMethods: policy.methods.join(', '),
    allowRequestHeaders: policy.headers.join(', '),
    allowResponseHeaders: policy.expose.join(', '),
  };
}
