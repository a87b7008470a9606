import { promisify } from 'node:util';

import sails from 'sails';

import { orRefused } from '../support/javascript/answers.mjs';
import { listening } from '../support/javascript/listener.mjs';
import { run } from '../support/javascript/protocol.mjs';
import { installed, node } from '../support/javascript/versions.mjs';
import { corsConfig } from './cors.mjs';
import { routes } from './resource.mjs';

const Sails = sails.constructor;

run({
  hello: {
    name: 'sails',
    language: 'javascript',
    framework: installed('sails'),
    middleware: `${installed('sails')} (security hook)`,
    runtime: node,
    homepage: 'https://sailsjs.com/documentation/concepts/security/cors',
    issues: 'https://github.com/balderdashy/sails/issues',
    // The hook answers every OPTIONS request itself.
    lacks: ['own-options'],
  },
  async serve(policy) {
    const cors = policy === null ? { allRoutes: true } : corsConfig(policy);
    const app = new Sails();
    await orRefused(() => promisify(app.lift.bind(app))(config(cors)));
    return listening(app.hooks.http.server);
  },
});

function config(cors) {
  return {
    environment: 'production',
    explicitHost: '127.0.0.1',
    // The number 0 would be taken for one that is not set.
    port: '0',
    globals: false,
    log: { level: 'silent' },
    hooks: { grunt: false, i18n: false, session: false, views: false },
    // The resource looks into no body, so that it takes every type.
    http: { middleware: { order: ['router'] } },
    security: { cors },
    routes: routes(),
  };
}
