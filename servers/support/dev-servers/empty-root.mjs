import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';

/** A front end of empty files, so that every other request goes on to the proxied resource. It is gone at the end. */
export function emptyRoot(...files) {
  const root = mkdtempSync(join(tmpdir(), 'corspec-front-end-'));
  files.forEach((file) => writeFileSync(join(root, file), ''));
  process.on('exit', () => rmSync(root, { recursive: true, force: true }));
  return root;
}
