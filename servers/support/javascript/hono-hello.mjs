import { installed } from './versions.mjs';

/** Who is under test, of Hono on some runtime. */
export function hello(name, runtime) {
  return {
    name,
    language: 'javascript',
    framework: installed('hono'),
    middleware: `${installed('hono')} (hono/cors)`,
    runtime,
    homepage: 'https://hono.dev/docs/middleware/builtin/cors',
    issues: 'https://github.com/honojs/hono/issues',
    lacks: [],
  };
}
