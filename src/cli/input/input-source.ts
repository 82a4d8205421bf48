import { once } from 'node:events';
import { type FileHandle, open } from 'node:fs/promises';
import { addAbortSignal, type Readable } from 'node:stream';
import { RelytError } from '../../errors.ts';
import { gunzip, isGzip } from './gunzip.ts';

const READ_BYTES = 64 * 1024;

export interface InputOptions {
  /** Ends a pending or the next read with ABORTED. */
  readonly signal?: AbortSignal | undefined;
  /** What `-` stands for; default the standard input of the process. */
  readonly stdin?: Readable | undefined;
}

/**
 * Opens a file, or standard input for `-`. A file of that name is `./-`.
 * @throws RelytError CONFIG_INVALID when there is no such file, it is a directory, or may not be read
 */
export async function openInput(path: string, options: InputOptions = {}): Promise<InputSource> {
  const { signal } = options;
  if (path === '-') {
    return new InputSource(options.stdin ?? process.stdin, { name: 'standard input', signal });
  }
  const handle = await openFile(path);
  try {
    const stat = await handle.stat();
    if (stat.isDirectory()) throw unreadable(path, 'is a directory');
    const stream = handle.createReadStream({ highWaterMark: READ_BYTES });
    const totalBytes = stat.isFile() ? stat.size : undefined;
    return new InputSource(stream, { name: path, signal, totalBytes });
  } catch (error) {
    await handle.close();
    throw error;
  }
}

interface InputSourceSettings {
  readonly name: string;
  readonly signal?: AbortSignal | undefined;
  readonly totalBytes?: number | undefined;
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
  #bytesRead = 0;
  #closed = false;

  constructor(stream: Readable, settings: InputSourceSettings) {
    this.name = settings.name;
    this.totalBytes = settings.totalBytes;
    this.#stream = stream;
    this.#signal = settings.signal;
    // An error nobody waits for yet is kept by the stream, and thrown by the next read.
    stream.on('error', () => {});
    if (settings.signal) addAbortSignal(settings.signal, stream);
    this.#chunks = this.#decompressed();
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
    if (stream !== process.stdin && !stream.closed) await once(stream, 'close');
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
