import { refusePatterns } from '../support/javascript/patterns.mjs';
import { plainOptions } from '../support/javascript/plain-options.mjs';

/** The policy, said as the readme of @whatwg-node/server shows. */
export function corsOptions(policy) {
  refusePatterns(policy, 'origin is a list of origins; there are no patterns');
  return plainOptions(policy);
}
