import type { ObjectStore } from '../../src/staging/object-store.ts';

/** What a scripted fault does to one call of an operation. */
export type Fault =
  /** Rejects before anything happened. */
  | { readonly kind: 'fail'; readonly error: Error }
  /** Does its work and then rejects: the answer was lost. */
  | { readonly kind: 'failAfterWrite'; readonly error: Error }
  /** Only of readObject: so many bytes come, then it throws. */
  | { readonly kind: 'breakOff'; readonly error: Error; readonly afterBytes: number }
  /** Waits until released, or until its signal fires, unless it is deaf: then the signal comes too late to stop it. */
  | {
      readonly kind: 'hang';
      readonly reached: () => void;
      readonly released: Promise<void>;
      readonly deaf: boolean;
    };

export type StoreOperation = Exclude<keyof ObjectStore, 'location' | 'close'>;

/** Faults waiting to happen, in order, one queue for each operation. */
export class StoreFaults {
  readonly #queues = new Map<StoreOperation, Fault[]>();

  fail(operation: StoreOperation, error: Error, times = 1): void {
    for (let i = 0; i < times; i++) this.#add(operation, { kind: 'fail', error });
  }

  failAfterWrite(operation: StoreOperation, error: Error): void {
    this.#add(operation, { kind: 'failAfterWrite', error });
  }

  /** The next readObject gives only the beginning of the object. */
  breakOff(error: Error, afterBytes: number): void {
    this.#add('readObject', { kind: 'breakOff', error, afterBytes });
  }

  /** The next call waits. `reached` resolves when it has arrived, `release()` lets it go on. */
  hang(operation: StoreOperation, deaf = false): { reached: Promise<void>; release: () => void } {
    let reached = () => {};
    let release = () => {};
    const reachedPromise = new Promise<void>((resolve) => {
      reached = resolve;
    });
    const released = new Promise<void>((resolve) => {
      release = resolve;
    });
    this.#add(operation, { kind: 'hang', reached, released, deaf });
    return { reached: reachedPromise, release };
  }

  /** Takes the fault meant for this call. */
  take(operation: StoreOperation): Fault | undefined {
    return this.#queues.get(operation)?.shift();
  }

  /** None waits any more. */
  clear(): void {
    this.#queues.clear();
  }

  /** Faults that no call has met: a test that leaves some did not test what it says. */
  get left(): number {
    return [...this.#queues.values()].reduce((sum, queue) => sum + queue.length, 0);
  }

  #add(operation: StoreOperation, fault: Fault): void {
    const queue = this.#queues.get(operation) ?? [];
    queue.push(fault);
    this.#queues.set(operation, queue);
  }
}
