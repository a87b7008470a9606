import process from 'node:process';
import { createInterface } from 'node:readline';
import { stripVTControlCharacters } from 'node:util';

import { Refused, Unsupported } from './answers.mjs';
import { problemOf, unknownField } from './policy.mjs';

/**
 * Speaks the server protocol over stdin and stdout, until stdin ends.
 *
 * `hello` says who is under test. `serve` takes a policy, or null, and resolves to `{url, stop}` once something
 * listens; `stop` resolves once nothing listens there any more.
 */
export function run({ hello, serve }) {
  /** What was asked for, by seq: a promise of what listens, or of undefined where nothing does. */
  const asked = new Map();
  const stopping = new Set();

  async function onServe({ seq, policy }) {
    if (asked.has(seq)) {
      return say({ failed: { seq, message: 'this seq is in use' } });
    }
    asked.set(seq, setUp(seq, policy));
    if (!(await asked.get(seq)) && !stopping.has(seq)) {
      asked.delete(seq);
    }
  }

  async function setUp(seq, policy) {
    try {
      const instance = await serve(checked(policy));
      say({ ready: { seq, url: instance.url } });
      return instance;
    } catch (error) {
      say(answerTo(seq, error));
    }
  }

  async function onDrop({ seq }) {
    if (!asked.has(seq)) {
      return say({ failed: { seq, message: 'nothing is served under this seq' } });
    }
    if (stopping.has(seq)) {
      return say({ failed: { seq, message: 'this seq is being dropped already' } });
    }
    stopping.add(seq);
    await (await asked.get(seq))?.stop();
    asked.delete(seq);
    stopping.delete(seq);
    say({ dropped: { seq } });
  }

  const handlers = { hello: () => say({ hello: { protocol: 1, ...hello } }), serve: onServe, drop: onDrop };

  const lines = createInterface({ input: process.stdin });
  lines.on('line', (line) => {
    if (line.trim() !== '') {
      receive(line, handlers).catch((error) => console.error(error));
    }
  });
  lines.on('close', async () => {
    const instances = await Promise.all(asked.values());
    await Promise.allSettled(instances.map((instance) => instance?.stop()));
    process.exit(0);
  });
}

async function receive(line, handlers) {
  const [name, body] = oneMessage(line);
  const needsSeq = name !== 'hello';
  if (Object.hasOwn(handlers, name) && (!needsSeq || isSeq(body?.seq))) {
    return handlers[name](body);
  }
  if (isSeq(body?.seq)) {
    return say({ failed: { seq: body.seq, message: `not a message of the server protocol: ${line}` } });
  }
  console.error(`not a message of the server protocol: ${line}`);
}

function oneMessage(line) {
  try {
    const entries = Object.entries(JSON.parse(line) ?? {});
    return entries.length === 1 ? entries[0] : ['', entries[0]?.[1]];
  } catch {
    return ['', undefined];
  }
}

function isSeq(value) {
  return Number.isSafeInteger(value) && value >= 0;
}

function checked(policy) {
  if (policy === null) {
    return null;
  }
  const unknown = unknownField(policy);
  if (unknown !== undefined) {
    throw new Unsupported(`the policy has a field that this server does not know: ${unknown}`);
  }
  const problem = problemOf(policy);
  if (problem !== undefined) {
    throw new Error(problem);
  }
  return policy;
}

function answerTo(seq, error) {
  if (error instanceof Unsupported) {
    return { unsupported: { seq, reason: error.message, issue: error.issue } };
  }
  if (error instanceof Refused) {
    return { refused: { seq, reason: stripVTControlCharacters(error.message) } };
  }
  return { failed: { seq, message: String(error?.stack ?? error) } };
}

function say(message) {
  process.stdout.write(`${JSON.stringify(message)}\n`);
}
