import { openAtTheStart } from '../support/javascript/patterns.mjs';
import { isAny } from '../support/javascript/policy.mjs';
import { requireNames } from '../support/javascript/stars.mjs';

/**
 * The policy, said as the documentation of the plugin shows. Its own example for subdomains is `/.*\.saltyaom\.com$/`,
 * which fits what `/\.saltyaom\.com$/` fits. The option for exposed headers is called `exposeHeaders` in the types and on the site;
 * the readme's `exposedHeaders` is not read.
 */
export function corsConfig(policy) {
  const config = {
    origin: isAny(policy.origins) ? true : policy.origins.map(openAtTheStart),
    methods: starOr(policy.methods),
    allowedHeaders: starOr(policy.headers),
    exposeHeaders: starOr(policy.expose),
    credentials: policy.credentials,
  };
  requireNames(config, 'methods', 'allowedHeaders', 'exposeHeaders');
  return policy.max_age === null ? config : { ...config, maxAge: policy.max_age };
}

function starOr(names) {
  return isAny(names) ? '*' : names;
}
