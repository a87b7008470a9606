import { ServiceBroker } from 'moleculer';

import { orRefused } from '../support/javascript/answers.mjs';
import { listening } from '../support/javascript/listener.mjs';
import { plainOptions } from '../support/javascript/plain-options.mjs';
import { run } from '../support/javascript/protocol.mjs';
import { installed, node } from '../support/javascript/versions.mjs';
import { gateway } from './gateway.mjs';
import { resourceService } from './resource.mjs';

run({
  hello: {
    name: 'moleculer-web',
    language: 'javascript',
    framework: installed('moleculer'),
    middleware: installed('moleculer-web'),
    runtime: node,
    homepage: 'https://moleculer.services/docs/0.15/moleculer-web#CORS-headers',
    issues: 'https://github.com/moleculerjs/moleculer-web/issues',
    lacks: [],
  },
  async serve(policy) {
    // An origin with a star stands for the subdomains, in the form in which such origins came in.
    const cors = policy === null ? true : plainOptions(policy);
    const broker = new ServiceBroker({ logger: false });
    broker.createService(resourceService());
    const { server } = await orRefused(() => broker.createService(gateway(cors)));
    await broker.start();
    const { url, stop } = listening(server);
    return {
      url,
      async stop() {
        await stop();
        await broker.stop();
      },
    };
  },
});
