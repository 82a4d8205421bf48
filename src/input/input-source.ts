import { type FileHandle, open } from 'node:fs/promises';
import { addAbortSignal, type Readable } from 'node:stream';
import { RelytError } from '../errors.ts';
import { gunzip, isGzip } from './gunzip.ts';

const READ_BYTES = 64 * 1024;

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
 * @throws RelytError CONFIG_INVALID when there is no such file, it is a directory, or may not be read
 */
export async function openInput(path: string, options: InputOptions = {}): Promise<InputSource> {
  const { signal, skipBytes = 0 } = options;
  if (path === '-') {
    return new InputSource(options.stdin ?? process.stdin, { name: 'standard input', signal });
  }
  const handle = await openFile(path);
  try {
    const stat = await handle.stat();
    if (stat.isDirectory()) throw unreadable(path, 'is a directory');
    const totalBytes = stat.isFile() ? stat.size : undefined;
    // Only text can be entered in the middle; what is compressed has to be read from its beginning.
    const entered = skipBytes > 0 && stat.isFile() && !(await beginsAsGzip(handle));
    const start = entered ? skipBytes : 0;
    if (totalBytes !== undefined && totalBytes < start) throw tooShort(path, start);
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

interface InputSourceSettings {
  readonly name: string;
  readonly signal?: AbortSignal | undefined;
  readonly totalBytes?: number | undefined;
  /** Bytes of the input before those of the stream. */
  readonly start?: number | undefined;
  /** Bytes to leave out after decompression. */
  readonly dropBytes?: number | undefined;
}

/**
 * The bytes of an input, gzip decompressed (known by its first bytes, not by the name). Can be read once.
 * The file is closed at the end, after an error, when the iteration is ended early, and by `close`.
 */
export class InputSource implements AsyncIterable<Buffer>, AsyncDisposable {
  /** For messages: the path, or `standard input`. */
  readonly name: string;
  /** Size as it lies on disk, so compressed if it is; undefined for standard input and pipes. */
  readonly totalBytes: number | undefined;

  readonly #stream: Readable;
  readonly #signal: AbortSignal | undefined;
  readonly #chunks: AsyncGenerator<Buffer>;
  #peeked: IteratorResult<Buffer> | undefined;
  #bytesRead: number;
  #closed = false;

  constructor(stream: Readable, settings: InputSourceSettings) {
    this.name = settings.name;
    this.totalBytes = settings.totalBytes;
    this.#stream = stream;
    this.#signal = settings.signal;
    // An error nobody waits for yet is kept by the stream, and thrown by the next read.
    stream.on('error', () => {});
    if (settings.signal) addAbortSignal(settings.signal, stream);
    this.#bytesRead = settings.start ?? 0;
    const { dropBytes = 0 } = settings;
    const chunks = this.#decompressed();
    this.#chunks = dropBytes === 0 ? chunks : withoutFirst(dropBytes, chunks, this.name);
  }

  /** Bytes read so far, before decompression: with `totalBytes` the progress of a load. */
  get bytesRead(): number {
    return this.#bytesRead;
  }

  /** The first bytes, decompressed, without taking them; empty for an empty input. */
  async peek(): Promise<Buffer> {
    this.#peeked ??= await this.#chunks.next();
    return this.#peeked.done ? Buffer.alloc(0) : this.#peeked.value;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Buffer> {
    try {
      this.#checkOpen();
      await this.peek();
      if (this.#peeked?.done === false) yield this.#peeked.value;
      for await (const chunk of this.#chunks) {
        this.#checkOpen();
        yield chunk;
      }
    } finally {
      await this.close();
    }
  }

  /** Closes the file; reading on is ABORTED, never taken for the end of the input. Any number of calls. */
  async close(): Promise<void> {
    this.#closed = true;
    const stream = this.#stream;
    stream.destroy();
    if (stream === process.stdin || stream.closed) return;
    // Ending an iteration in the middle is an error for the stream, which `once` of node:events would throw here.
    await new Promise<void>((resolve) => stream.once('close', () => resolve()));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #checkOpen(): void {
    if (this.#closed) throw this.#aborted();
  }

  #aborted(cause?: unknown): RelytError {
    return new RelytError('ABORTED', `Reading ${this.name} was aborted.`, { cause });
  }

  async *#decompressed(): AsyncGenerator<Buffer> {
    const raw = this.#raw();
    // The magic number has two bytes, which may come one by one.
    let head = Buffer.alloc(0);
    while (head.length < 2) {
      const { value, done } = await raw.next();
      if (done) break;
      head = Buffer.concat([head, value]);
    }
    const whole = prepend(head, raw);
    yield* isGzip(head) ? gunzip(whole, this.name) : whole;
  }

  async *#raw(): AsyncGenerator<Buffer> {
    try {
      for await (const chunk of this.#stream) {
        this.#bytesRead += chunk.length;
        yield chunk;
      }
    } catch (error) {
      if (this.#signal?.aborted || this.#closed) throw this.#aborted(error);
      throw readError(this.name, error);
    }
  }
}

/** Everything after the first bytes. @throws RelytError RESUME_REFUSED when there are not so many */
async function* withoutFirst(
  bytes: number,
  chunks: AsyncIterable<Buffer>,
  name: string,
): AsyncGenerator<Buffer> {
  let left = bytes;
  for await (const chunk of chunks) {
    if (left < chunk.length) yield chunk.subarray(left);
    left = Math.max(0, left - chunk.length);
  }
  if (left > 0) throw tooShort(name, bytes);
}

async function beginsAsGzip(handle: FileHandle): Promise<boolean> {
  const { buffer } = await handle.read(Buffer.alloc(2), 0, 2, 0);
  return isGzip(buffer);
}

function tooShort(name: string, bytes: number): RelytError {
  return new RelytError(
    'RESUME_REFUSED',
    `The input ${name} ends before byte ${bytes}, up to where the task had read it.`,
    { hint: 'It is not the file the task began with: put that one back, or abort the task.' },
  );
}

async function* prepend(head: Buffer, rest: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  if (head.length > 0) yield head;
  yield* rest;
}

async function openFile(path: string): Promise<FileHandle> {
  try {
    return await open(path, 'r');
  } catch (error) {
    throw readError(path, error);
  }
}

const PROBLEMS: Readonly<Record<string, string>> = {
  ENOENT: 'does not exist',
  ENOTDIR: 'does not exist: part of the path is no directory',
  EISDIR: 'is a directory',
  EACCES: 'may not be read by this user',
  EPERM: 'may not be read by this user',
};

function readError(name: string, error: unknown): RelytError {
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'an unknown error';
  return unreadable(name, PROBLEMS[code] ?? `could not be read (${code})`, error);
}

function unreadable(name: string, problem: string, cause?: unknown): RelytError {
  return new RelytError('CONFIG_INVALID', `The input ${name} ${problem}.`, {
    hint: 'Check the path and the rights of the file; `-` reads standard input.',
    cause,
  });
}
