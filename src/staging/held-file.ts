import { RelytError } from '../errors.ts';
import { chunksOf, type Part, PartFiller } from './part-filler.ts';
import type { PartPool } from './part-pool.ts';
import { abortedError } from './retry.ts';
import { RowBuffer } from './row-buffer.ts';
import type { FinishedFile, RowFile, StagedRow } from './row-file.ts';

export interface HeldFileOptions {
  readonly key: string;
  /** Shared by all files of a task: what the files hold in all never takes more (G5). */
  readonly pool: PartPool;
  /** Fails the file; its buffers come back with `abort()`. */
  readonly signal: AbortSignal;
  /** The file was closed while it held more than the pool had buffers for. */
  readonly onOverdrawn: () => void;
  /** The file has given its buffers back. */
  readonly onReleased: () => void;
}

/** A file that stays in the buffers it was written into, until its import has committed and it is released. */
export class HeldFile implements RowFile {
  readonly key: string;
  readonly #options: HeldFileOptions;
  readonly #waiting = new AbortController();
  /** Its signal has fired. Looked at after every record, and a signal is slow to ask. */
  #aborted = false;
  readonly #rows: PartFiller;
  readonly #buffer: RowBuffer;
  #full: Part[] = [];
  /** What no buffer was left for when the file was closed. */
  #beyond: readonly Buffer[] = [];
  #state: 'open' | 'finished' | 'released' = 'open';

  constructor(options: HeldFileOptions) {
    const { key, pool, signal } = options;
    this.key = key;
    this.#options = options;
    this.#rows = new PartFiller({
      pool,
      maxBuffersPerPart: 1,
      onPart: (part) => this.#full.push(part),
      signal: this.#waiting.signal,
    });
    this.#buffer = new RowBuffer(key, this.#rows);
    if (signal.aborted) this.#onAbort();
    signal.addEventListener('abort', this.#onAbort, { once: true });
  }

  get records(): number {
    return this.#buffer.records;
  }

  get bytes(): number {
    return this.#buffer.bytes;
  }

  isAtLeast(bytes: number): boolean {
    return this.#buffer.isAtLeast(bytes);
  }

  get blocked(): boolean {
    return this.#rows.blocked || this.#aborted;
  }

  append(row: StagedRow, longFields?: readonly (readonly Buffer[])[]): void {
    if (this.#state !== 'open') throw this.#fault('got a record after its end');
    this.#buffer.append(row, longFields);
  }

  async whenWritable(): Promise<void> {
    await this.#rows.settled();
    this.#throwAborted();
  }

  /** Everything is at hand afterwards. What still waits for buffers stays where it is: it might wait for its own. */
  async finish(): Promise<FinishedFile> {
    if (this.#state !== 'open') throw this.#fault('was finished twice');
    this.#state = 'finished';
    this.#buffer.flush();
    const bytes = this.#rows.bytes;
    if (this.#rows.blocked) this.#options.onOverdrawn();
    this.#stopWaiting();
    await this.#rows.settled();
    this.#throwAborted();
    const last = this.#rows.takeRest();
    if (last !== undefined) this.#full.push(last);
    this.#beyond = this.#rows.takeSpilled();
    return { bytes, stored: undefined, parts: 0 };
  }

  /** The bytes of a finished file, in the buffers that hold them: they must not be used after its release. */
  *chunks(): Generator<Buffer> {
    if (this.#state !== 'finished') throw this.#fault('was read while it had nothing to give');
    for (const part of this.#full) yield* chunksOf(part);
    yield* this.#beyond;
  }

  /** Gives the buffers back. May be called again. */
  release(): void {
    if (this.#state === 'released') return;
    this.#state = 'released';
    const { pool, signal, onReleased } = this.#options;
    signal.removeEventListener('abort', this.#onAbort);
    this.#stopWaiting();
    this.#buffer.drop();
    this.#rows.discard();
    for (const { buffers } of this.#full) for (const buffer of buffers) pool.release(buffer);
    this.#full = [];
    this.#beyond = [];
    onReleased();
  }

  async abort(): Promise<void> {
    this.release();
  }

  readonly #onAbort = (): void => {
    this.#aborted = true;
    this.#stopWaiting();
  };

  #stopWaiting(): void {
    this.#waiting.abort();
  }

  #throwAborted(): void {
    const { signal } = this.#options;
    if (signal.aborted) throw abortedError(signal, signal.reason);
  }

  #fault(what: string): RelytError {
    return new RelytError('INTERNAL', `The file "${this.key}" ${what}.`);
  }
}
