/** Opens a file, or standard input, as the bytes to read records from. */

import { type FileHandle, open } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { isGzip } from './gunzip.ts';
import { inputTooShort, inputUnreadable, readFailure } from './input-errors.ts';
import { InputSource } from './input-source.ts';

/** What is read at once becomes one batch; fewer reads leave more time for the records. */
const READ_BYTES = 256 * 1024;

export interface InputOptions {
  /** Ends a pending or the next read with ABORTED. */
  readonly signal?: AbortSignal | undefined;
  /** What `-` stands for; default the standard input of the process. */
  readonly stdin?: Readable | undefined;
  /** Bytes to leave out at the beginning, of a file and after decompression; default 0. */
  readonly skipBytes?: number | undefined;
}

/**
 * Opens a file, or standard input for `-`. A file of that name is `./-`.
 * @throws RelytError CONFIG_INVALID when there is no such file, it is a directory, or it cannot be read
 */
export async function openInput(path: string, options: InputOptions = {}): Promise<InputSource> {
  const { signal, skipBytes = 0 } = options;
  if (path === '-') {
    return new InputSource(options.stdin ?? process.stdin, { name: 'standard input', signal });
  }
  const handle = await openFile(path);
  try {
    const stat = await handle.stat();
    if (stat.isDirectory()) throw inputUnreadable(path, 'is a directory');
    const totalBytes = stat.isFile() ? stat.size : undefined;
    // Only text can be entered in the middle; what is compressed must be read from its beginning.
    const entered = skipBytes > 0 && stat.isFile() && !(await beginsAsGzip(handle));
    const start = entered ? skipBytes : 0;
    if (totalBytes !== undefined && totalBytes < start) throw inputTooShort(path, start);
    // A pipe has no places: not even its beginning may be named.
    const place = entered ? { start } : {};
    const stream = handle.createReadStream({ highWaterMark: READ_BYTES, ...place });
    const dropBytes = skipBytes - start;
    return new InputSource(stream, { name: path, signal, totalBytes, start, dropBytes });
  } catch (error) {
    await handle.close();
    throw error;
  }
}

async function beginsAsGzip(handle: FileHandle): Promise<boolean> {
  const { buffer } = await handle.read(Buffer.alloc(2), 0, 2, 0);
  return isGzip(buffer);
}

async function openFile(path: string): Promise<FileHandle> {
  try {
    return await open(path, 'r');
  } catch (error) {
    throw readFailure(path, error);
  }
}
