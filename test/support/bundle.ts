/** The package as users get it, in few files: for processes that tests start by the hundred. */

import { execFileSync } from 'node:child_process';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { ensureBuilt, oneBuildAtATime } from './build.ts';

const ROOT = path.join(import.meta.dirname, '../..');
/** Where `ensureBundled` puts it; laid out like `dist/`. */
export const BUNDLE = path.join(ROOT, 'dist/bundle');
const STAMP = path.join(BUNDLE, '.bundled');

/** Makes the bundle current: that of the last build. @returns its folder */
export async function ensureBundled(): Promise<string> {
  const dist = await ensureBuilt();
  if (!isCurrent(dist)) {
    await oneBuildAtATime(async () => {
      if (!isCurrent(dist)) bundle(dist);
    });
  }
  return BUNDLE;
}

function builtAt(dist: string): string {
  return String(statSync(path.join(dist, '.built')).mtimeMs);
}

function isCurrent(dist: string): boolean {
  try {
    return readFileSync(STAMP, 'utf8') === builtAt(dist);
  } catch {
    return false;
  }
}

function bundle(dist: string): void {
  const of = builtAt(dist);
  execFileSync(process.execPath, [path.join(ROOT, 'scripts/bundle.mjs')], { stdio: 'inherit' });
  writeFileSync(STAMP, of);
}
