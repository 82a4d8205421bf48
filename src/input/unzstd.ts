/** Zstandard as a stream, where the runtime can decompress it; strict about its end, and frame after frame. */

import * as zlib from 'node:zlib';
import { RelytError } from '../errors.ts';

const OUTPUT_BYTES = 64 * 1024;

/** A frame begins so, or one that decoders skip; no UTF-8 text does. */
export function isZstd(head: Uint8Array): boolean {
  const [first = 0, second, third, fourth] = head;
  if (first === 0x28) return second === 0xb5 && third === 0x2f && fourth === 0xfd;
  return first >= 0x50 && first <= 0x5f && second === 0x2a && third === 0x4d && fourth === 0x18;
}

type Engine = ReturnType<typeof zlib.createGunzip>;
type CreateEngine = (options: { readonly chunkSize: number }) => Engine;

/**
 * Decompresses all frames.
 * @throws RelytError INPUT_MALFORMED; CONFIG_INVALID where Node.js cannot do it, which is so before 22.15
 */
export async function* unzstd(
  compressed: AsyncIterable<Buffer>,
  name: string,
): AsyncGenerator<Buffer> {
  const create = (zlib as { readonly createZstdDecompress?: CreateEngine }).createZstdDecompress;
  if (create === undefined) throw notSupported(name);
  const source = compressed[Symbol.asyncIterator]();
  try {
    let frames = new Frames(create({ chunkSize: OUTPUT_BYTES }), source);
    for (;;) {
      yield* frames.read(name);
      if (frames.rest.length === 0) return;
      frames = new Frames(create({ chunkSize: OUTPUT_BYTES }), source, frames.rest);
    }
  } finally {
    await source.return?.();
  }
}

/**
 * The frames that one engine decompresses. Node's engine ends, without an error, where a frame ends in the middle of what
 * it was given: the rest is for another one.
 */
class Frames {
  rest: Buffer;
  readonly #engine: Engine;
  readonly #source: AsyncIterator<Buffer>;
  /** Settles when the engine takes no more. */
  readonly #closed: Promise<false>;

  constructor(engine: Engine, source: AsyncIterator<Buffer>, rest: Buffer = Buffer.alloc(0)) {
    this.#engine = engine;
    this.#source = source;
    this.rest = rest;
    this.#closed = new Promise((resolve) => {
      const close = () => resolve(false);
      engine.once('end', close).once('close', close).once('error', close);
    });
  }

  async *read(name: string): AsyncGenerator<Buffer> {
    const feeding = this.#feed();
    // A failure of the source reaches the consumer through the engine.
    feeding.catch((error) => this.#engine.destroy(error));
    try {
      yield* this.#engine;
    } catch (error) {
      throw isZstdError(error) ? damaged(error, name) : error;
    }
    await feeding;
  }

  async #feed(): Promise<void> {
    let given = 0;
    for (;;) {
      const chunk = this.rest.length > 0 ? this.rest : await this.#next();
      if (chunk === undefined) break;
      given += chunk.length;
      const taken = await this.#write(chunk);
      this.rest = taken ? Buffer.alloc(0) : lastOf(chunk, given - this.#engine.bytesWritten);
      if (!taken) return;
    }
    this.#engine.end();
  }

  async #next(): Promise<Buffer | undefined> {
    const { done, value } = await this.#source.next();
    return done ? undefined : value;
  }

  /** False when the engine ended before it had read all of it. */
  #write(chunk: Buffer): Promise<boolean> {
    const taken = new Promise<true>((resolve) => this.#engine.write(chunk, () => resolve(true)));
    return Promise.race([taken, this.#closed]);
  }
}

function lastOf(chunk: Buffer, length: number): Buffer {
  return chunk.subarray(chunk.length - Math.min(length, chunk.length));
}

interface ZstdError extends Error {
  readonly code: string;
}

function isZstdError(error: unknown): error is ZstdError {
  return error instanceof Error && 'code' in error && /^(Z_|ZSTD_)/.test(String(error.code));
}

function damaged(error: ZstdError, name: string): RelytError {
  const problem = error.code === 'Z_BUF_ERROR' ? 'ends too early' : `is damaged (${error.message})`;
  return new RelytError('INPUT_MALFORMED', `The zstd data of ${name} ${problem}.`, {
    hint: 'Check it with `zstd -t`, and make or copy the file again.',
    cause: error,
  });
}

function notSupported(name: string): RelytError {
  return new RelytError(
    'CONFIG_INVALID',
    `The input ${name} is compressed with zstd, which Node.js ${process.versions.node} cannot decompress.`,
    {
      hint: 'Use Node.js 22.15 or later, or decompress it to standard input: `zstdcat FILE | relyt load - --table TABLE`.',
    },
  );
}
