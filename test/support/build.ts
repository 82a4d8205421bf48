/** Builds the package for tests that run it in a process of its own. */

import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
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
const DIST = path.join(ROOT, 'dist');
const STAMP = path.join(DIST, '.built');
const LOCK = path.join(
  os.tmpdir(),
  `relyt-build-${createHash('sha256').update(ROOT).digest('hex').slice(0, 16)}.lock`,
);
const LOOK_AGAIN_MS = 100;

/**
 * Makes `dist/` current: builds when a source file is newer than the last build.
 *
 * One build at a time, in however many processes this is called; the others wait for it.
 *
 * @returns the folder `dist`.
 */
export async function ensureBuilt(): Promise<string> {
  if (isCurrent()) return DIST;
  while (!takeLock()) await delay(LOOK_AGAIN_MS);
  try {
    if (!isCurrent()) await build();
  } finally {
    rmSync(LOCK, { force: true });
  }
  return DIST;
}

function isCurrent(): boolean {
  const built = statSync(STAMP, { throwIfNoEntry: false });
  if (built === undefined) return false;
  const sources = readdirSync(path.join(ROOT, 'src'), { recursive: true, encoding: 'utf8' });
  return sources.every((name) => {
    const source = statSync(path.join(ROOT, 'src', name), { throwIfNoEntry: false });
    return source === undefined || source.mtimeMs <= built.mtimeMs;
  });
}

async function build(): Promise<void> {
  // A file saved while the compiler runs may or may not be in the result: it must count as newer.
  const began = new Date();
  // With an old build record the compiler would not write again what somebody removed.
  if (!existsSync(STAMP)) rmSync(path.join(DIST, '.tsbuildinfo'), { force: true });
  const compiler = path.join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc');
  const output = await new Promise<string>((resolve) => {
    const args = [compiler, '-p', 'tsconfig.build.json'];
    // Type errors do not keep the compiler from writing; checking types is not this build's job.
    execFile(process.execPath, args, { cwd: ROOT }, (_error, stdout, stderr) => {
      resolve(`${stdout}${stderr}`);
    });
  });
  if (!existsSync(path.join(DIST, 'errors.js')))
    throw new Error(`the build wrote nothing:\n${output}`);
  mkdirSync(DIST, { recursive: true });
  writeFileSync(STAMP, '');
  utimesSync(STAMP, began, began);
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
