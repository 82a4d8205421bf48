import { addAbortSignal, type Readable } from 'node:stream';
import { RelytError } from '../errors.ts';
import { decoded, decoderOf } from './decoded.ts';
import { gunzip, isGzip } from './gunzip.ts';
import { inputTooShort, readFailure } from './input-errors.ts';
import { refuseBinary, refuseKnownFile } from './recognised-file.ts';
import { isZstd, unzstd } from './unzstd.ts';

/** The longest magic number of a compression. */
const MAGIC_BYTES = 4;

interface InputSourceSettings {
  readonly name: string;
  readonly signal?: AbortSignal | undefined;
  readonly totalBytes?: number | undefined;
  /** Bytes of the input before those of the stream. */
  readonly start?: number | undefined;
  /** Bytes to leave out after decompression. */
  readonly dropBytes?: number | undefined;
  /** Of the text; default UTF-8. */
  readonly encoding?: string | undefined;
}

/**
 * The bytes of an input as UTF-8, gzip and zstd decompressed (known by their first bytes, not by the name). Can be read
 * once.
 * The file is closed at the end, after an error, when the iteration is ended early, and by `close`.
 */
export class InputSource implements AsyncIterable<Buffer>, AsyncDisposable {
  /** For messages: the path, or `standard input`. */
  readonly name: string;
  /** Size as it lies on disk, so compressed if it is; undefined for standard input and pipes. */
  readonly totalBytes: number | undefined;

  readonly #stream: Readable;
  readonly #signal: AbortSignal | undefined;
  readonly #encoding: string;
  readonly #chunks: AsyncGenerator<Buffer>;
  #peeked: IteratorResult<Buffer> | undefined;
  /** Bytes of the input before the first one that is read: only there its form shows. */
  readonly #start: number;
  #bytesRead: number;
  #closed = false;

  constructor(stream: Readable, settings: InputSourceSettings) {
    this.name = settings.name;
    this.totalBytes = settings.totalBytes;
    this.#stream = stream;
    this.#signal = settings.signal;
    // The stream keeps an early error, and the next read throws it.
    stream.on('error', () => {});
    if (settings.signal) addAbortSignal(settings.signal, stream);
    this.#start = settings.start ?? 0;
    this.#bytesRead = this.#start;
    const { dropBytes = 0, encoding = 'utf-8' } = settings;
    this.#encoding = encoding;
    const chunks = this.#decoded();
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

  async *#decoded(): AsyncGenerator<Buffer> {
    const { head, whole } = await withHead(this.#decompressed());
    const encoding = this.#encoding;
    const newDecoder = decoderOf(encoding);
    if (this.#start === 0) refuseKnownFile(head, this.name);
    if (newDecoder !== undefined) {
      yield* decoded(whole, newDecoder(), { name: this.name, encoding });
      return;
    }
    if (this.#start === 0) refuseBinary(head, this.name);
    yield* whole;
  }

  async *#decompressed(): AsyncGenerator<Buffer> {
    const { head, whole } = await withHead(this.#raw());
    if (isGzip(head)) yield* gunzip(whole, this.name);
    else if (isZstd(head)) yield* unzstd(whole, this.name);
    else yield* whole;
  }

  async *#raw(): AsyncGenerator<Buffer> {
    try {
      for await (const chunk of this.#stream) {
        this.#bytesRead += chunk.length;
        yield chunk;
      }
    } catch (error) {
      if (this.#signal?.aborted || this.#closed) throw this.#aborted(error);
      throw readFailure(this.name, error);
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
  if (left > 0) throw inputTooShort(name, bytes);
}

/** The first bytes, which may come one by one, and everything. Of a slow stream no more is waited for than it takes. */
async function withHead(
  chunks: AsyncGenerator<Buffer>,
): Promise<{ readonly head: Buffer; readonly whole: AsyncGenerator<Buffer> }> {
  let head: Buffer = Buffer.alloc(0);
  while (head.length < MAGIC_BYTES) {
    const { value, done } = await chunks.next();
    if (done) break;
    head = head.length === 0 ? value : Buffer.concat([head, value]);
  }
  return { head, whole: prepend(head, chunks) };
}

async function* prepend(head: Buffer, rest: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  if (head.length > 0) yield head;
  yield* rest;
}
