import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { readdir, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { RelytDevError } from '../dev-error.ts';

/**
 * Entries are small JSON files. They are written synchronously: what a request decides (is there an
 * object, does the upload still exist?) and what it then writes happen in one turn of the event loop,
 * so concurrent requests never see or make a half change, and no locks are needed.
 */

const UNFINISHED = '.new';
let sequence = 0;

/** Replaces the entry as a whole: after a crash either the old or the new one is there. */
export function writeEntry(path: string, entry: object): void {
  sequence += 1;
  const unfinished = `${path}.${process.pid}-${sequence}${UNFINISHED}`;
  writeFileSync(unfinished, JSON.stringify(entry));
  renameSync(unfinished, path);
}

export interface StoredEntry {
  readonly path: string;
  /** Not verified further: this server wrote it. */
  readonly entry: unknown;
}

/** All entries of a folder whose names match; what a crash left unfinished is removed. */
export async function readEntries(folder: string, pattern = /\.json$/): Promise<StoredEntry[]> {
  const found: StoredEntry[] = [];
  for (const name of await readdir(folder)) {
    const path = join(folder, name);
    if (name.endsWith(UNFINISHED)) await unlink(path);
    else if (pattern.test(name)) found.push({ path, entry: parseEntry(path) });
  }
  return found;
}

export function parseEntry(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch (cause) {
    throw new RelytDevError(
      'DEV_SERVER_UNAVAILABLE',
      `The S3 server cannot read its entry ${path}.`,
      {
        hint: 'Restore the file, or remove it to give up that object or upload.',
        cause,
      },
    );
  }
}
