/**
 * Lets a signal end whatever is waited for. One listener for any number of waits: a race of promises with a signal
 * that outlives them would keep something of each.
 */
export class Interruption implements Disposable {
  readonly #signal: AbortSignal;
  readonly #onAbort: () => void;
  #reject: ((reason: unknown) => void) | undefined;

  constructor(signal: AbortSignal) {
    this.#signal = signal;
    this.#onAbort = () => this.#reject?.(signal.reason);
    signal.addEventListener('abort', this.#onAbort, { once: true });
  }

  /** One wait at a time. @throws what the work throws; the reason of the signal, as soon as it fires */
  async wait<T>(work: Promise<T>): Promise<T> {
    if (this.#signal.aborted) work.catch(() => undefined);
    this.#signal.throwIfAborted();
    return new Promise<T>((resolve, reject) => {
      this.#reject = reject;
      work.then(resolve, reject);
    });
  }

  [Symbol.dispose](): void {
    this.#signal.removeEventListener('abort', this.#onAbort);
  }
}
