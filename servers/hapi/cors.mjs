import { Unsupported } from '../support/javascript/answers.mjs';
import { isAny } from '../support/javascript/policy.mjs';

/** The policy but for its methods, said as the API reference shows; patterns have the reference's own form. */
export function corsOptions(policy) {
  if (isAny(policy.headers)) {
    throw new Unsupported('headers lists the names that a preflight may ask for; "*" is one of them, and no wildcard');
  }
  if (isAny(policy.expose) && policy.credentials) {
    throw new Unsupported('exposedHeaders is sent as it stands, and for requests with credentials "*" is no wildcard');
  }
  const options = {
    origin: policy.origins,
    headers: policy.headers,
    exposedHeaders: policy.expose,
    credentials: policy.credentials,
  };
  return policy.max_age === null ? options : { ...options, maxAge: policy.max_age };
}

/** What needs no grant from a preflight has CORS whatever the policy lists. */
const safelisted = ['GET', 'HEAD', 'POST'];

/**
 * The cors option of a single route. A preflight is granted if the route that it asks for has CORS, so the methods of a
 * policy are those whose routes have it: the others get `cors: false`, and the rest what the server's default says.
 */
export function corsOf(policy) {
  const permitted = policy === null || isAny(policy.methods) ? undefined : [...safelisted, ...policy.methods];
  return (method) => (permitted?.includes(method) === false ? { cors: false } : {});
}
