import { createGzip, type Gzip } from 'node:zlib';
import type { Part, PartFiller } from './part-filler.ts';
import { PartPool } from './part-pool.ts';

const OUTPUT_BYTES = 64 * 1024;
const INPUT_BYTES = 256 * 1024;

/**
 * Buffers for what goes into one gzip member: one is compressed while the other is filled. A pool of its own, so
 * that a file never holds buffers of the shared one that cannot be sent before another is had.
 */
export function gzipInputPool(): PartPool {
  return new PartPool({ bufferBytes: INPUT_BYTES, capacity: 2 });
}

export interface GzipMemberOptions {
  readonly input: PartPool;
  /** Takes the compressed bytes; while it is blocked, compressing waits. */
  readonly sink: PartFiller;
  readonly onError: (error: unknown) => void;
}

/** Compresses one object as one gzip member, since some engines read only the first, on a thread of the pool. */
export class GzipMember {
  // Level 1: more than twice as fast as the default, and CSV is still less than half as long.
  readonly #gzip: Gzip = createGzip({ level: 1, chunkSize: OUTPUT_BYTES });
  readonly #input: PartPool;
  readonly #pumped: Promise<void>;
  #stopped = false;

  constructor({ input, sink, onError }: GzipMemberOptions) {
    this.#input = input;
    this.#pumped = this.#pump(sink).catch((error: unknown) => {
      if (!this.#stopped) onError(error);
    });
  }

  /** Takes over the buffers and gives them back when they are compressed. */
  write({ buffers: [buffer], bytes }: Part): void {
    if (buffer === undefined || this.#stopped) return;
    this.#gzip.write(buffer.subarray(0, bytes), () => this.#input.release(buffer));
  }

  /** Compresses the rest; resolves when all of it is in the sink, or when it was stopped. */
  async end(last: Part | undefined): Promise<void> {
    if (last !== undefined) this.write(last);
    if (!this.#stopped) this.#gzip.end();
    await this.#pumped;
  }

  /** Stops at once; what is not yet compressed is lost. `end()` then resolves. */
  stop(): void {
    this.#stopped = true;
    this.#gzip.destroy();
  }

  /** Resolves when nothing more will come: after `end()` or `stop()`. */
  async stopped(): Promise<void> {
    await this.#pumped;
  }

  async #pump(sink: PartFiller): Promise<void> {
    for await (const chunk of this.#gzip) {
      sink.writeBytes(chunk);
      await sink.settled();
    }
  }
}
