import { orRefused } from './answers.mjs';
import { openAtTheStart } from './patterns.mjs';
import { isAny } from './policy.mjs';
import { requireNames } from './stars.mjs';
import { installed, node } from './versions.mjs';

/** Who is under test, of the npm package `cors` in some framework. */
export function hello(name, framework) {
  return {
    name,
    language: 'javascript',
    framework: installed(framework),
    middleware: installed('cors'),
    runtime: node,
    homepage: 'https://github.com/expressjs/cors#readme',
    issues: 'https://github.com/expressjs/cors/issues',
    lacks: [],
  };
}

/** The package's middleware under a policy, or without any option. */
export function middleware(cors, policy) {
  const options = policy === null ? [] : [corsOptions(policy)];
  return orRefused(() => cors(...options));
}

/**
 * The policy as the options of `cors`, which NestJS and @fastify/cors share. The readme's own example for the subdomains of
 * example2.com is `/\.example2\.com$/`.
 */
export function corsOptions(policy, pattern = openAtTheStart) {
  const options = {
    origin: isAny(policy.origins) ? '*' : policy.origins.map(pattern),
    methods: policy.methods,
    exposedHeaders: policy.expose,
    credentials: policy.credentials,
  };
  requireNames(options, 'methods', 'exposedHeaders');
  return { ...options, ...unlessLeftOpen(policy) };
}

/** Without `allowedHeaders`, the names that are asked for are reflected. */
function unlessLeftOpen(policy) {
  return {
    ...(isAny(policy.headers) ? {} : { allowedHeaders: policy.headers }),
    ...(policy.max_age === null ? {} : { maxAge: policy.max_age }),
  };
}
