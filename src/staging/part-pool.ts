import { RelytError } from '../errors.ts';
import { abortedError } from './retry.ts';

interface Waiter {
  readonly give: (buffer: Buffer) => void;
}

/**
 * The memory of all uploads: at most `capacity` buffers of `bufferBytes` each, made when first needed and used
 * again and again (G5). Waiting callers get one in the order of asking.
 *
 * A staged file holds at most `maxBuffersPerPart` buffers (2, unless told otherwise) that are not on their way to
 * S3, and asks for another only when it holds fewer. So with a `capacity` of at least that number × the files open
 * at a time there is always a buffer that comes back, and files that share the pool cannot deadlock.
 */
export class PartPool {
  readonly bufferBytes: number;
  readonly capacity: number;
  readonly #free: Buffer[] = [];
  readonly #lent = new Set<Buffer>();
  readonly #waiters = new Set<Waiter>();

  constructor(options: { bufferBytes: number; capacity: number }) {
    const { bufferBytes, capacity } = options;
    if (!Number.isSafeInteger(bufferBytes) || bufferBytes < 1 || !(capacity >= 1)) {
      throw new RelytError(
        'INTERNAL',
        `A part pool of ${capacity} buffers of ${bufferBytes} bytes is not valid.`,
      );
    }
    this.bufferBytes = bufferBytes;
    this.capacity = Math.floor(capacity);
  }

  /** Buffers lent out. */
  get inUse(): number {
    return this.#lent.size;
  }

  /** Bytes of all buffers made so far; never more than `capacity` × `bufferBytes`. */
  get allocatedBytes(): number {
    return (this.#lent.size + this.#free.length) * this.bufferBytes;
  }

  /** A buffer, unless all are lent or another caller waits for one. */
  tryAcquire(): Buffer | undefined {
    if (this.#waiters.size > 0) return undefined;
    const buffer = this.#free.pop() ?? this.#make();
    if (buffer !== undefined) this.#lent.add(buffer);
    return buffer;
  }

  /** A buffer, as soon as it is this caller's turn. Rejects with ABORTED when the signal fires before. */
  async acquire(signal?: AbortSignal): Promise<Buffer> {
    if (signal?.aborted) throw abortedError(signal, signal.reason);
    const buffer = this.tryAcquire();
    if (buffer !== undefined) return buffer;
    return await new Promise((resolve, reject) => {
      const onAbort = () => {
        this.#waiters.delete(waiter);
        reject(abortedError(signal, signal?.reason));
      };
      const waiter: Waiter = {
        give: (given) => {
          signal?.removeEventListener('abort', onAbort);
          resolve(given);
        },
      };
      this.#waiters.add(waiter);
      signal?.addEventListener('abort', onAbort, { once: true });
    });
  }

  /** Gives a buffer back. Its content must no longer be needed. */
  release(buffer: Buffer): void {
    // A buffer given back twice would be lent to two files, and one would upload the other's records.
    if (!this.#lent.has(buffer)) {
      throw new RelytError('INTERNAL', 'A part buffer was released twice, or to the wrong pool.');
    }
    const [next] = this.#waiters;
    if (next !== undefined) {
      this.#waiters.delete(next);
      next.give(buffer);
      return;
    }
    this.#lent.delete(buffer);
    this.#free.push(buffer);
  }

  #make(): Buffer | undefined {
    if (this.#lent.size >= this.capacity) return undefined;
    // Slow: never a slice of Node's shared pool, whose other slices would keep it alive.
    return Buffer.allocUnsafeSlow(this.bufferBytes);
  }
}
