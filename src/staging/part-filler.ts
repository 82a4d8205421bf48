import { buffersOfPart } from '../core/part-plan.ts';
import type { PartPool } from './part-pool.ts';

/** Bytes ready to be sent on: owned buffers, all full but the last. The taker gives the buffers back to the pool. */
export interface Part {
  readonly buffers: readonly Buffer[];
  readonly bytes: number;
}

/** Its bytes, buffer by buffer. */
export function chunksOf({ buffers, bytes }: Part): Buffer[] {
  let left = bytes;
  return buffers.map((buffer) => {
    const chunk = buffer.subarray(0, left);
    left -= chunk.length;
    return chunk;
  });
}

export interface PartFillerOptions {
  readonly pool: PartPool;
  /** Most buffers in one part; later parts of a very large file are made of several. */
  readonly maxBuffersPerPart: number;
  /** Takes over a full part, once more bytes follow it. */
  readonly onPart: (part: Part) => void;
  /** Ends waiting for buffers, and nothing is taken any more; the code that fires it discards the filler. */
  readonly signal: AbortSignal;
}

/**
 * Writes text and bytes into the buffers of a pool, byte for byte without gaps, and hands on each part when it is
 * full. When the pool has no buffer the rest is kept aside (`blocked`) until one comes.
 */
export class PartFiller {
  readonly #options: PartFillerOptions;
  #buffers: Buffer[] = [];
  /** The buffer being filled, and the number of bytes in it. */
  #current: Buffer | undefined;
  #used = 0;
  #nextPartNumber = 1;
  #spilled: Buffer[] = [];
  #spilledBytes = 0;
  #filledBytes = 0;
  #refill: Promise<void> | undefined;

  constructor(options: PartFillerOptions) {
    this.#options = options;
  }

  /** All bytes taken so far, those kept aside included. */
  get bytes(): number {
    return this.#filledBytes + this.#spilledBytes;
  }

  /** True while bytes are kept aside for want of a buffer: writing more only grows the heap. */
  get blocked(): boolean {
    return this.#refill !== undefined;
  }

  /** Resolves when nothing is kept aside, or when the signal has fired; never rejects. */
  async settled(): Promise<void> {
    while (this.#refill !== undefined) await this.#refill;
  }

  writeText(text: string): void {
    const current = this.#current;
    // One UTF-16 unit becomes three bytes at most, so this text fits without splitting a character.
    if (current !== undefined && !this.blocked && text.length * 3 <= current.length - this.#used) {
      const written = current.write(text, this.#used, 'utf8');
      this.#used += written;
      this.#filledBytes += written;
    } else {
      this.writeBytes(Buffer.from(text, 'utf8'));
    }
  }

  /** Keeps a reference to the bytes while it is blocked; they must not change. */
  writeBytes(bytes: Buffer): void {
    const rest = this.blocked ? bytes : this.#copy(bytes);
    if (rest.length === 0 || this.#options.signal.aborted) return;
    this.#spilled.push(rest);
    this.#spilledBytes += rest.length;
    // Never rejects: see #drain.
    this.#refill ??= this.#drain();
  }

  /** What is not yet handed on: the last part. The filler is empty afterwards. */
  takeRest(): Part | undefined {
    if (this.#current === undefined) return undefined;
    const buffers = this.#buffers;
    const bytes = (buffers.length - 1) * this.#current.length + this.#used;
    this.#buffers = [];
    this.#current = undefined;
    this.#used = 0;
    return { buffers, bytes };
  }

  /** What was kept aside. Call it after the signal has fired and `settled()` has resolved. */
  takeSpilled(): Buffer[] {
    const spilled = this.#spilled;
    this.#spilled = [];
    this.#spilledBytes = 0;
    return spilled;
  }

  /** Gives its buffers back and forgets what it holds. Call it after the signal has fired. */
  discard(): void {
    for (const buffer of this.takeRest()?.buffers ?? []) this.#options.pool.release(buffer);
    this.#spilled = [];
    this.#spilledBytes = 0;
  }

  /** Copies what fits into the buffers at hand and returns the rest. */
  #copy(bytes: Buffer): Buffer {
    let rest = bytes;
    while (rest.length > 0) {
      if (this.#current === undefined || this.#used === this.#current.length) {
        this.#handOnFullPart();
        if (this.#options.signal.aborted) break;
        const buffer = this.#options.pool.tryAcquire();
        if (buffer === undefined) return rest;
        this.#startBuffer(buffer);
      } else {
        const copied = rest.copy(this.#current, this.#used);
        this.#used += copied;
        this.#filledBytes += copied;
        rest = rest.subarray(copied);
      }
    }
    return rest;
  }

  /** Waits for buffers and writes what was kept aside, until nothing is left. */
  async #drain(): Promise<void> {
    const { pool, signal } = this.#options;
    try {
      while (this.#spilled.length > 0) {
        const buffer = await pool.acquire(signal);
        // The wait may end just before the signal fires, and go on after discard().
        if (signal.aborted) return pool.release(buffer);
        this.#startBuffer(buffer);
        this.#writeSpilled();
      }
    } catch {
      // Only the signal ends the wait, and who fired it knows why.
    } finally {
      this.#refill = undefined;
    }
  }

  #writeSpilled(): void {
    while (this.#spilled.length > 0) {
      const [first] = this.#spilled.splice(0, 1);
      if (first === undefined) return;
      this.#spilledBytes -= first.length;
      const rest = this.#copy(first);
      if (rest.length === 0) continue;
      this.#spilled.unshift(rest);
      this.#spilledBytes += rest.length;
      return;
    }
  }

  #startBuffer(buffer: Buffer): void {
    this.#buffers.push(buffer);
    this.#current = buffer;
    this.#used = 0;
  }

  #handOnFullPart(): void {
    const { pool, maxBuffersPerPart, onPart } = this.#options;
    const planned = buffersOfPart(this.#nextPartNumber, pool.bufferBytes, maxBuffersPerPart);
    if (this.#buffers.length < planned) return;
    const part = this.takeRest();
    if (part === undefined) return;
    this.#nextPartNumber++;
    onPart(part);
  }
}
