/** Opens a file, or standard input, as the bytes to read records from. */

import { type FileHandle, open } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { decoderOf } from './decoded.ts';
import { isGzip } from './gunzip.ts';
import { inputTooShort, inputUnreadable, readFailure } from './input-errors.ts';
import { InputSource } from './input-source.ts';
import { isZstd } from './unzstd.ts';

/** What is read at once becomes one batch; fewer reads leave more time for the records. */
const READ_BYTES = 256 * 1024;

export interface InputOptions {
  /** Ends a pending or the next read with ABORTED. */
  readonly signal?: AbortSignal | undefined;
  /** What `-` stands for; default the standard input of the process. */
  readonly stdin?: Readable | undefined;
  /** Bytes to leave out at the beginning, after decompression and as UTF-8; default 0. */
  readonly skipBytes?: number | undefined;
  /** Of the text, as PostgreSQL or the WHATWG Encoding Standard names it; default UTF-8. */
  readonly encoding?: string | undefined;
}

/**
 * Opens a file, or standard input for `-`. A file of that name is `./-`.
 * @throws RelytError CONFIG_INVALID when there is no such file, it is a directory, or it cannot be read
 */
export async function openInput(path: string, options: InputOptions = {}): Promise<InputSource> {
  const { signal, skipBytes = 0, encoding } = options;
  if (path === '-') {
    return new InputSource(options.stdin ?? process.stdin, {
      name: 'standard input',
      signal,
      encoding,
    });
  }
  const handle = await openFile(path);
  try {
    const stat = await handle.stat();
    if (stat.isDirectory()) throw inputUnreadable(path, 'is a directory');
    const totalBytes = stat.isFile() ? stat.size : undefined;
    // Only UTF-8 can be entered in the middle; all else has to be read from its beginning.
    const entered = skipBytes > 0 && stat.isFile() && (await hasPlaces(handle, encoding));
    const start = entered ? skipBytes : 0;
    if (totalBytes !== undefined && totalBytes < start) throw inputTooShort(path, start);
    // A pipe has no places: not even its beginning may be named.
    const place = entered ? { start } : {};
    const stream = handle.createReadStream({ highWaterMark: READ_BYTES, ...place });
    const dropBytes = skipBytes - start;
    return new InputSource(stream, { name: path, signal, totalBytes, start, dropBytes, encoding });
  } catch (error) {
    await handle.close();
    throw error;
  }
}

/** Whether a place in the text is one in the file. */
async function hasPlaces(handle: FileHandle, encoding: string | undefined): Promise<boolean> {
  if (encoding !== undefined && decoderOf(encoding) !== undefined) return false;
  const { buffer } = await handle.read(Buffer.alloc(4), 0, 4, 0);
  return !isGzip(buffer) && !isZstd(buffer);
}

async function openFile(path: string): Promise<FileHandle> {
  try {
    return await open(path, 'r');
  } catch (error) {
    throw readFailure(path, error);
  }
}
