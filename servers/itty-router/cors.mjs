import { refusePatterns } from '../support/javascript/patterns.mjs';
import { isAny } from '../support/javascript/policy.mjs';
import { requireNames } from '../support/javascript/stars.mjs';

/** The policy, said as the documentation of `cors` shows. */
export function corsOptions(policy) {
  refusePatterns(policy, 'a list of origins has no patterns, and the documentation shows none for subdomains');
  const options = {
    origin: starOr(policy.origins),
    allowMethods: starOr(policy.methods),
    exposeHeaders: starOr(policy.expose),
    credentials: policy.credentials,
  };
  requireNames(options, 'allowMethods', 'exposeHeaders');
  // Not set, the names that the preflight asks for are reflected.
  if (!isAny(policy.headers)) {
    options.allowHeaders = policy.headers;
  }
  return policy.max_age === null ? options : { ...options, maxAge: policy.max_age };
}

function starOr(names) {
  return isAny(names) ? '*' : names;
}
