import { spawn } from 'node:child_process';
import { once } from 'node:events';
import process from 'node:process';

/** Ends the program as soon as nobody holds the other end of stdin, so also when this process is killed. */
const untilStdinEnds = '"$@" </dev/null & read -r _; kill -KILL $! && wait $!';

/** A program that lives no longer than this process. `stop` resolves once it is gone; it has a pipe as file descriptor 3. */
export function child(program, args, env) {
  const shell = spawn('sh', ['-c', untilStdinEnds, 'sh', program, ...args], {
    env: { ...process.env, ...env },
    stdio: ['pipe', process.stderr, process.stderr, 'pipe'],
  });
  const gone = once(shell, 'exit');
  return {
    pipe: shell.stdio[3],
    async stop() {
      shell.stdin.end();
      await gone;
    },
  };
}
