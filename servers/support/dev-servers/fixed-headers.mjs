import { Unsupported } from '../javascript/answers.mjs';
import { subdomains } from '../javascript/policy.mjs';
import { requireNames } from '../javascript/stars.mjs';

/** The policy as headers with fixed values, for servers that write the same ones on every answer. */
export function fixedHeaders(policy, where) {
  if (policy.origins.length > 1 || policy.origins.some(subdomains)) {
    throw new Unsupported(`${where} holds fixed values, so it names one origin at most`);
  }
  requireNames(policy, 'methods', 'headers', 'expose');
  return {
    'Access-Control-Allow-Origin': policy.origins[0],
    'Access-Control-Allow-Methods': policy.methods.join(', '),
    'Access-Control-Allow-Headers': policy.headers.join(', '),
    'Access-Control-Expose-Headers': policy.expose.join(', '),
    'Access-Control-Allow-Credentials': policy.credentials ? 'true' : undefined,
    'Access-Control-Max-Age': policy.max_age?.toString(),
  };
}
