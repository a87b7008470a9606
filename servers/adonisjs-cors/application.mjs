import { Ignitor } from '@adonisjs/core';
import { defineConfig as defineEncryptionConfig, drivers } from '@adonisjs/core/encryption';
import { defineConfig as defineHttpConfig } from '@adonisjs/core/http';
import { defineConfig as defineLoggerConfig } from '@adonisjs/core/logger';

import { addRoutes } from './routes.mjs';

/**
 * An application of its own, with what a new project has in its config folder, and the CORS middleware where its installer
 * puts it.
 */
export async function application(cors) {
  const ignitor = new Ignitor(new URL('./', import.meta.url), { importer: (path) => import(path) });
  ignitor.tap((app) => {
    app.rcContents({ providers });
    app.useConfig({
      app: { http: defineHttpConfig({}) },
      encryption: defineEncryptionConfig({
        default: 'app',
        list: { app: drivers.aes256gcm({ id: 'app', keys: [key] }) },
      }),
      logger: defineLoggerConfig({ default: 'app', loggers: { app: { enabled: false } } }),
      cors,
    });
  });
  const app = ignitor.createApp('web');
  await app.init();
  await app.boot();

  const server = await app.container.make('server');
  server.use([() => import('@adonisjs/cors/cors_middleware')]);
  server.errorHandler(() => import('./handler.mjs'));
  addRoutes(await app.container.make('router'));
  await server.boot();
  return server;
}

/** Nothing here is encrypted, but the framework wants a key. */
const key = 'k'.repeat(32);

const providers = [
  { file: () => import('@adonisjs/core/providers/app_provider'), environment: ['web'] },
  { file: () => import('@adonisjs/cors/cors_provider'), environment: ['web'] },
];
