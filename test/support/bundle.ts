/** The built package in few files, for processes that tests start by the hundred. */

import { readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { build } from 'esbuild';
import { ensureBuilt, oneBuildAtATime } from './build.ts';

/** What tests start, or import in a process of their own. */
const ENTRIES = ['cli/main', 'index', 'administration', 'failpoints'];

/** Where `ensureBundled` puts it; laid out like `dist/`. */
export const BUNDLE = path.join(import.meta.dirname, '../../.cache/bundle');
const STAMP = path.join(BUNDLE, '.bundled');

/**
 * Makes the bundle current: that of the last build. Node needs more than a second to load the 500 files that a load
 * takes, and half of it for these. That `dist/` itself runs is shown by the tests of the packed package and by the demo.
 *
 * @returns its folder.
 */
export async function ensureBundled(): Promise<string> {
  const dist = await ensureBuilt();
  if (!isCurrent(dist)) {
    await oneBuildAtATime(async () => {
      if (!isCurrent(dist)) await bundle(dist);
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

async function bundle(dist: string): Promise<void> {
  const of = builtAt(dist);
  rmSync(BUNDLE, { recursive: true, force: true });
  await build({
    entryPoints: ENTRIES.map((name) => ({ in: path.join(dist, `${name}.js`), out: name })),
    outdir: BUNDLE,
    bundle: true,
    format: 'esm',
    platform: 'node',
    // The entries share their modules, and what is loaded late stays late.
    splitting: true,
    keepNames: true,
    // Loaded from where they are installed, but for zod, of which each schema would load 90 files.
    external: ['@aws-sdk/*', 'commander', 'pg', 'pg-copy-streams', 'pgpass', 'relyt-dev'],
    logLevel: 'warning',
  });
  writeFileSync(STAMP, of);
}
