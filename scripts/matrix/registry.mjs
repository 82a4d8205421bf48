// npm, as far as the matrix needs it.

import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { output } from './output.mjs';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

export function hasRegistry() {
  return spawnSync('npm', ['ping', '--loglevel=error'], { timeout: 60_000 }).status === 0;
}

/** The address of the registry: not every package manager reads where npm has it from. */
export function registry() {
  return output('npm', ['config', 'get', 'registry']);
}

/** Packs what was built. @returns the file. */
export function pack(folder) {
  const args = ['pack', '--json', '--ignore-scripts', '--loglevel=error'];
  const [{ filename }] = JSON.parse(
    output('npm', [...args, '--pack-destination', folder], { cwd: ROOT }),
  );
  return path.join(folder, filename);
}
