import { createServer } from 'node:http';

import { defineConfig } from '@adonisjs/cors';

import { orRefused } from '../support/javascript/answers.mjs';
import { listen } from '../support/javascript/listener.mjs';
import { run } from '../support/javascript/protocol.mjs';
import { installed, node } from '../support/javascript/versions.mjs';
import { application } from './application.mjs';
import { corsConfig } from './cors.mjs';

run({
  hello: {
    name: 'adonisjs-cors',
    language: 'javascript',
    framework: installed('@adonisjs/core'),
    middleware: installed('@adonisjs/cors'),
    runtime: node,
    homepage: 'https://docs.adonisjs.com/guides/cors',
    issues: 'https://github.com/adonisjs/cors/issues',
    lacks: [],
  },
  async serve(policy) {
    const options = policy === null ? { enabled: true } : corsConfig(policy);
    const config = await orRefused(() => defineConfig(options));
    const server = await application(config);
    return listen(createServer(server.handle.bind(server)));
  },
});
