/** Builds the packages of this repository for tests that run them in a process of their own. */

import { execFile, execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
/** Folders of the packages; none of them needs another one to be built. */
const PACKAGES = [path.join(ROOT, 'dev'), ROOT];
/** The package as users get it, in few files; `dist/armable` beside it is the same with failpoints. */
export const BUNDLE = path.join(ROOT, 'dist/bundle');
const LOCK = path.join(
  os.tmpdir(),
  `relyt-build-${createHash('sha256').update(ROOT).digest('hex').slice(0, 16)}.lock`,
);
const LOOK_AGAIN_MS = 100;

let built: Promise<string> | undefined;

/**
 * Makes `dist/` of every package current, bundles included: builds when a source file is newer than the last build.
 * Looks once in a process, because looking at all sources takes longer than many commands.
 *
 * One build at a time, in however many processes this is called; the others wait for it.
 *
 * @returns the folder `dist` of relyt-sdk.
 */
export function ensureBuilt(): Promise<string> {
  built ??= buildWhereStale();
  return built;
}

async function buildWhereStale(): Promise<string> {
  const dist = path.join(ROOT, 'dist');
  if (PACKAGES.every(isCurrent)) return dist;
  while (!takeLock()) await delay(LOOK_AGAIN_MS);
  try {
    for (const folder of PACKAGES) if (!isCurrent(folder)) await build(folder);
  } finally {
    rmSync(LOCK, { force: true });
  }
  return dist;
}

function stampOf(folder: string): string {
  return path.join(folder, 'dist', '.built');
}

function isCurrent(folder: string): boolean {
  const built = statSync(stampOf(folder), { throwIfNoEntry: false });
  if (built === undefined) return false;
  const made = folder === ROOT ? ['src', 'scripts/bundling'] : ['src'];
  return made
    .map((name) => path.join(folder, name))
    .flatMap((from) => filesOf(from))
    .every((file) => {
      const source = statSync(file, { throwIfNoEntry: false });
      return source === undefined || source.mtimeMs <= built.mtimeMs;
    });
}

function filesOf(folder: string): string[] {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  return names.map((name) => path.join(folder, name));
}

async function build(folder: string): Promise<void> {
  // A file saved while the compiler runs may or may not be in the result: it must count as newer.
  const began = new Date();
  const dist = path.join(folder, 'dist');
  // With an old build record the compiler would not write again what somebody removed.
  if (!existsSync(stampOf(folder))) rmSync(path.join(dist, '.tsbuildinfo'), { force: true });
  const compiler = path.join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc');
  const output = await new Promise<string>((resolve) => {
    const args = [compiler, '-p', 'tsconfig.build.json'];
    // Type errors do not keep the compiler from writing; checking types is not this build's job.
    execFile(process.execPath, args, { cwd: folder }, (_error, stdout, stderr) => {
      resolve(`${stdout}${stderr}`);
    });
  });
  if (!existsSync(path.join(dist, 'index.js')))
    throw new Error(`the build of ${folder} wrote nothing:\n${output}`);
  if (folder === ROOT)
    execFileSync(process.execPath, [path.join(ROOT, 'scripts/bundle.mjs')], { stdio: 'inherit' });
  writeFileSync(stampOf(folder), '');
  utimesSync(stampOf(folder), began, began);
}

function takeLock(): boolean {
  try {
    writeFileSync(LOCK, String(process.pid), { flag: 'wx' });
    return true;
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
    removeDeadLock();
    return false;
  }
}

// A test run that was killed while it built leaves its lock behind.
function removeDeadLock(): void {
  try {
    const pid = Number(readFileSync(LOCK, 'utf8'));
    // An empty file is a lock whose owner has not written its number yet.
    if (pid > 0) process.kill(pid, 0);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ESRCH') rmSync(LOCK);
  }
}
