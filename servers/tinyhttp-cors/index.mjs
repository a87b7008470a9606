import { createServer } from 'node:http';

import { cors } from '@tinyhttp/cors';

import { orRefused } from '../support/javascript/answers.mjs';
import { listen } from '../support/javascript/listener.mjs';
import { run } from '../support/javascript/protocol.mjs';
import { installed, node } from '../support/javascript/versions.mjs';
import { corsOptions } from './cors.mjs';
import { application } from './resource.mjs';

run({
  hello: {
    name: 'tinyhttp-cors',
    language: 'javascript',
    framework: installed('@tinyhttp/app'),
    middleware: installed('@tinyhttp/cors'),
    runtime: node,
    homepage: 'https://github.com/tinyhttp/cors#readme',
    issues: 'https://github.com/tinyhttp/cors/issues',
    lacks: [],
  },
  async serve(policy) {
    const options = policy === null ? [] : [corsOptions(policy)];
    const app = application(await orRefused(() => cors(...options)));
    return listen(createServer(app.attach));
  },
});
