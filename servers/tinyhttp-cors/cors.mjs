import { refusePatterns } from '../support/javascript/patterns.mjs';
import { plainOptions } from '../support/javascript/plain-options.mjs';

/** The policy, said as the readme of @tinyhttp/cors shows. */
export function corsOptions(policy) {
  refusePatterns(policy, 'a list of origins has no patterns, and the readme shows none for subdomains');
  return plainOptions(policy);
}
