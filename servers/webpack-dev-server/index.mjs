import { once } from 'node:events';

import webpack from 'webpack';
import WebpackDevServer from 'webpack-dev-server';

import { allowedHosts } from '../support/dev-servers/allowed-hosts.mjs';
import { emptyRoot } from '../support/dev-servers/empty-root.mjs';
import { fixedHeaders } from '../support/dev-servers/fixed-headers.mjs';
import { inFrontOfTheResource } from '../support/dev-servers/served.mjs';
import { Unsupported } from '../support/javascript/answers.mjs';
import { listening } from '../support/javascript/listener.mjs';
import { run } from '../support/javascript/protocol.mjs';
import { installed, node } from '../support/javascript/versions.mjs';

const root = emptyRoot('index.js');

const hello = {
  name: 'webpack-dev-server',
  language: 'javascript',
  framework: installed('webpack'),
  middleware: `devServer.headers of ${installed('webpack-dev-server')}`,
  runtime: node,
  homepage: 'https://webpack.js.org/configuration/dev-server/#devserverheaders',
  issues: 'https://github.com/webpack/webpack-dev-server/issues',
  lacks: [],
};

/** The policy as headers that every answer has. */
function headers(policy) {
  if (policy === null) {
    throw new Unsupported('without an option the server writes no headers of CORS');
  }
  const values = fixedHeaders(policy, 'devServer.headers');
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value));
}

async function start(policy, resource) {
  const written = headers(policy);
  const compiler = webpack({
    mode: 'development',
    context: root,
    entry: './index.js',
    infrastructureLogging: { level: 'none' },
    stats: 'none',
    watchOptions: { ignored: '**' },
  });
  const options = {
    host: '127.0.0.1',
    port: 0,
    allowedHosts,
    client: false,
    hot: false,
    liveReload: false,
    static: false,
    webSocketServer: false,
    setupExitSignals: false,
    headers: written,
    proxy: [{ context: ['/'], target: resource, logLevel: 'silent' }],
  };
  const server = new WebpackDevServer(options, compiler);
  await server.start();
  if (!server.server.listening) {
    await once(server.server, 'listening');
  }
  const { url, stop } = listening(server.server);
  return { url, stop: () => Promise.all([stop(), server.stop()]) };
}

run({ hello, serve: (policy) => inFrontOfTheResource((resource) => start(policy, resource)) });
