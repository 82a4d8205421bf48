import { RelytError } from '../errors.ts';
import { HeldFile } from './held-file.ts';
import type { PartPool } from './part-pool.ts';

/**
 * Where files wait for their import when no object store is used: in memory. They are read like staged objects, and
 * nothing must be compared: these are the very bytes that were written.
 */
export class HeldFiles {
  readonly #files = new Map<string, HeldFile>();
  readonly #overdrawn = new Set<string>();

  /** True while closed files hold more than the buffers: `insert()` waits for an import then (G5). */
  get isOverdrawn(): boolean {
    return this.#overdrawn.size > 0;
  }

  /** Begins a file. */
  open(key: string, pool: PartPool, signal: AbortSignal): HeldFile {
    const onOverdrawn = () => this.#overdrawn.add(key);
    const onReleased = () => {
      this.#files.delete(key);
      this.#overdrawn.delete(key);
    };
    const file = new HeldFile({ key, pool, signal, onOverdrawn, onReleased });
    this.#files.set(key, file);
    return file;
  }

  /** Its import has committed: the buffers are free for the next one. */
  release(key: string): void {
    this.#files.get(key)?.release();
  }

  /** The task has ended: what it did not import takes no memory any more. May be called again. */
  close(): void {
    for (const file of [...this.#files.values()]) file.release();
  }

  async readObject(key: string): Promise<AsyncIterable<Buffer>> {
    const file = this.#files.get(key);
    if (file === undefined) throw this.#unknown(key);
    return chunksOfFile(file);
  }

  async headObject(_key: string): Promise<undefined> {}

  async *list(_prefix: string): AsyncGenerator<never> {}

  async presignGet(key: string): Promise<never> {
    throw new RelytError('INTERNAL', `The file "${key}" is in memory and has no URL.`);
  }

  #unknown(key: string): RelytError {
    return new RelytError('INTERNAL', `The file "${key}" is not in memory any more.`);
  }
}

async function* chunksOfFile(file: HeldFile): AsyncGenerator<Buffer> {
  yield* file.chunks();
}
