import { createServer } from 'node:http';

import cors from '@koa/cors';

import { orRefused } from '../support/javascript/answers.mjs';
import { listen } from '../support/javascript/listener.mjs';
import { run } from '../support/javascript/protocol.mjs';
import { installed, node } from '../support/javascript/versions.mjs';
import { corsOptions } from './cors.mjs';
import { application } from './resource.mjs';

run({
  hello: {
    name: 'koa-cors',
    language: 'javascript',
    framework: installed('koa'),
    middleware: installed('@koa/cors'),
    runtime: node,
    homepage: 'https://github.com/koajs/cors#readme',
    issues: 'https://github.com/koajs/cors/issues',
    lacks: [],
  },
  async serve(policy) {
    const options = policy === null ? [] : [corsOptions(policy)];
    const middleware = await orRefused(() => cors(...options));
    return listen(createServer(application(middleware).callback()));
  },
});
