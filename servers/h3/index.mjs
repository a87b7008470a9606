import { createServer } from 'node:http';

import { toNodeHandler } from 'h3';

import { listen } from '../support/javascript/listener.mjs';
import { run } from '../support/javascript/protocol.mjs';
import { installed, node } from '../support/javascript/versions.mjs';
import { corsOptions } from './cors.mjs';
import { application } from './resource.mjs';

run({
  hello: {
    name: 'h3',
    language: 'javascript',
    framework: installed('h3'),
    middleware: installed('h3'),
    runtime: node,
    homepage: 'https://h3.dev/utils/security#cors',
    issues: 'https://github.com/h3js/h3/issues',
    lacks: [],
  },
  serve: (policy) => listen(createServer(toNodeHandler(application(corsOptions(policy))))),
});
