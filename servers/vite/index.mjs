import { createServer } from 'vite';

import { allowedHosts } from '../support/dev-servers/allowed-hosts.mjs';
import { emptyRoot } from '../support/dev-servers/empty-root.mjs';
import { inFrontOfTheResource } from '../support/dev-servers/served.mjs';
import { corsOptions } from '../support/javascript/cors-package.mjs';
import { listening } from '../support/javascript/listener.mjs';
import { anchored } from '../support/javascript/patterns.mjs';
import { run } from '../support/javascript/protocol.mjs';
import { installed, node } from '../support/javascript/versions.mjs';

const root = emptyRoot();

const hello = {
  name: 'vite',
  language: 'javascript',
  framework: installed('vite'),
  middleware: `server.cors of ${installed('vite')}`,
  runtime: node,
  homepage: 'https://vite.dev/config/server-options#server-cors',
  issues: 'https://github.com/vitejs/vite/issues',
  lacks: [],
};

/**
 * The policy as `server.cors`, which takes the options of the package `cors`. Its default value shows how a pattern is
 * written, anchored at both ends; without a policy it is that default.
 */
function cors(policy) {
  return policy === null ? {} : { cors: corsOptions(policy, anchored) };
}

/** Vite looks for a free port and lets it go before it binds it, so that another program may have taken it meanwhile. */
async function start(policy, resource, attempts = 10) {
  const server = await createServer({
    configFile: false,
    envFile: false,
    root,
    logLevel: 'silent',
    appType: 'custom',
    optimizeDeps: { noDiscovery: true },
    server: {
      host: '127.0.0.1',
      port: 0,
      allowedHosts,
      hmr: false,
      ws: false,
      watch: null,
      proxy: { '/': resource },
      ...cors(policy),
    },
  });
  try {
    await server.listen();
  } catch (error) {
    await server.close();
    if (attempts === 1 || !/is already in use$/.test(error.message)) throw error;
    return start(policy, resource, attempts - 1);
  }
  const { url, stop } = listening(server.httpServer);
  return { url, stop: () => Promise.all([stop(), server.close()]) };
}

run({ hello, serve: (policy) => inFrontOfTheResource((resource) => start(policy, resource)) });
