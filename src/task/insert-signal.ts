import { counted } from '../core/figures.ts';
import { RelytError } from '../errors.ts';

/**
 * The signal of one call of `insert()`: fires with the end of the task, or with the caller's own signal. Not
 * `AbortSignal.any()`: the signal of the task outlives every call, and would keep something of each.
 */
export class InsertSignal implements Disposable {
  readonly signal: AbortSignal;
  readonly #listeners: (() => void)[] = [];

  /** @param taken how many records the call has taken so far */
  constructor(task: AbortSignal, given: AbortSignal | undefined, taken: () => number) {
    if (given === undefined) {
      this.signal = task;
      return;
    }
    const controller = new AbortController();
    this.signal = controller.signal;
    this.#listen(task, () => controller.abort(task.reason));
    this.#listen(given, () => controller.abort(insertAborted(taken(), given.reason)));
  }

  #listen(signal: AbortSignal, onAbort: () => void): void {
    if (signal.aborted) {
      onAbort();
      return;
    }
    signal.addEventListener('abort', onAbort, { once: true });
    this.#listeners.push(() => signal.removeEventListener('abort', onAbort));
  }

  [Symbol.dispose](): void {
    for (const stop of this.#listeners) stop();
  }
}

function insertAborted(records: number, cause: unknown): RelytError {
  const message = `insert() was aborted by its signal after ${counted(records, 'record')}.`;
  return new RelytError('INSERT_ABORTED', message, { details: { records }, cause });
}
