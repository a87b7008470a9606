import { Unsupported } from '../javascript/answers.mjs';
import { isAny } from '../javascript/policy.mjs';

/** For servers whose switch for CORS has nothing to set, and stands for any origin with credentials. */
export function requireAnyWithCredentials(policy) {
  if (policy !== null && !(isAny(policy.origins) && policy.credentials)) {
    throw new Unsupported('CORS is on or off, and on stands for any origin with credentials');
  }
}
