import { readFileSync } from 'node:fs';
import process from 'node:process';

/** A package that is installed in the server's folder, with its version: `express 5.3.0`. */
export function installed(name) {
  const { version } = JSON.parse(readFileSync(`node_modules/${name}/package.json`, 'utf8'));
  return `${name} ${version}`;
}

export const node = `node ${process.versions.node}`;
