import { createServer } from 'node:http';

import cors from 'cors';

import { hello, middleware } from '../support/javascript/cors-package.mjs';
import { listen } from '../support/javascript/listener.mjs';
import { run } from '../support/javascript/protocol.mjs';
import { application } from './resource.mjs';

run({
  hello: hello('polka-cors', 'polka'),
  serve: async (policy) => listen(createServer(application(await middleware(cors, policy)).handler)),
});
