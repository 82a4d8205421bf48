/** Loaders of older versions, from the history of this repository: their sources, with the dependencies installed now. */

import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
/** Inside the checkout, so that what they import is found in its node_modules. */
const CACHE = path.join(ROOT, '.cache/older-loaders');

const LONGEST_ARCHIVE = 64 * 1024 * 1024;

export interface OlderLoader {
  readonly commit: string;
  /** The newest migration of relyt_sys that it knows. */
  readonly migration: number;
}

/** The last commit of each; a release takes the place of the newest. */
const KNOWN: readonly OlderLoader[] = [
  { commit: '04d50c5487aaa13ada5ee670807b568b72bd3972', migration: 6 },
  { commit: '9c6396d6566fe01276698946ba483f4ea0957287', migration: 13 },
  { commit: '64540aaa4f0842f936dd44ea92a19157a5da7bb3', migration: 17 },
];

/** With RELYT_TEST_FULL=1 all that are known, else the newest. */
export const OLDER_LOADERS = process.env.RELYT_TEST_FULL === '1' ? KNOWN : KNOWN.slice(-1);

/** Whether the history reaches back so far: that of a shallow clone does not. */
export function isInHistory({ commit }: OlderLoader): boolean {
  try {
    git('cat-file', '-e', `${commit}^{commit}`);
    return true;
  } catch {
    return false;
  }
}

/** Makes one module of it, once. @returns its URL */
export async function moduleOf({ commit }: OlderLoader): Promise<string> {
  const file = path.join(CACHE, `${commit}.mjs`);
  if (!existsSync(file)) {
    mkdirSync(CACHE, { recursive: true });
    const folder = mkdtempSync(path.join(CACHE, 'sources-'));
    try {
      await bundleSources(commit, folder);
      // At once, and whole: another test run may look for it.
      renameSync(path.join(folder, 'loader.mjs'), file);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }
  return pathToFileURL(file).href;
}

async function bundleSources(commit: string, folder: string): Promise<void> {
  const archive = git('archive', '--format=tar', commit, 'src', 'package.json');
  execFileSync('tar', ['-x', '-C', folder], { input: archive });
  const contents = `export { BulkProcessor } from './src/index.ts';
    export { armFailpoint } from './src/failpoints.ts';`;
  await build({
    stdin: { contents, resolveDir: folder, loader: 'ts' },
    outfile: path.join(folder, 'loader.mjs'),
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20.15',
    packages: 'external',
    logLevel: 'warning',
  });
}

function git(...args: string[]): Buffer {
  const stdio: ['ignore', 'pipe', 'ignore'] = ['ignore', 'pipe', 'ignore'];
  return execFileSync('git', args, { cwd: ROOT, stdio, maxBuffer: LONGEST_ARCHIVE });
}
