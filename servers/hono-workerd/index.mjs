import { once } from 'node:events';
import { createInterface } from 'node:readline';

import { child } from '../support/javascript/child.mjs';
import { corsOptions } from '../support/javascript/hono.mjs';
import { hello } from '../support/javascript/hono-hello.mjs';
import { run } from '../support/javascript/protocol.mjs';
import { installed } from '../support/javascript/versions.mjs';

run({
  hello: hello('hono-workerd', installed('workerd')),
  async serve(policy) {
    if (policy !== null) {
      corsOptions(policy);
    }
    return start(policy);
  },
});

/** A workerd of its own, which tells on the pipe where it listens. */
async function start(policy) {
  const args = ['serve', 'worker.capnp', '--control-fd=3'];
  const { pipe, stop } = child('node_modules/.bin/workerd', args, { POLICY: JSON.stringify(policy) });
  const lines = createInterface({ input: pipe });
  const [line] = await Promise.race([once(lines, 'line'), once(lines, 'close')]);
  if (line === undefined) {
    await stop();
    throw new Error('workerd ended before it listened');
  }
  return { url: `http://127.0.0.1:${JSON.parse(line).port}`, stop };
}
