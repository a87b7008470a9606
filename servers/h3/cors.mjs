import { Unsupported } from '../support/javascript/answers.mjs';
import { anchored } from '../support/javascript/patterns.mjs';
import { isAny } from '../support/javascript/policy.mjs';

/**
 * The policy, said as the documentation of `handleCors` and of its options shows; its own example for subdomains of any
 * depth is `/^https:\/\/([a-z0-9-]+\.)*example\.com$/`, which with `+` leaves out the name itself.
 */
export function corsOptions(policy) {
  if (policy === null) {
    return { origin: '*' };
  }
  if (isAny(policy.expose) && policy.credentials) {
    throw new Unsupported('exposeHeaders "*" is documented to expose nothing to requests with credentials');
  }
  return {
    origin: isAny(policy.origins) ? '*' : policy.origins.map(anchored),
    methods: starOr(policy.methods),
    allowHeaders: starOr(policy.headers),
    exposeHeaders: starOr(policy.expose),
    credentials: policy.credentials,
    maxAge: policy.max_age === null ? false : String(policy.max_age),
  };
}

function starOr(names) {
  return isAny(names) ? '*' : names;
}
