import { asRelytError } from '../core/task-failure.ts';
import { RelytError } from '../errors.ts';
import type { SafeEmitter } from '../events.ts';
import type { LoadTask } from './load-task.ts';
import type { Opening } from './open-task.ts';
import { type RefusedInput, rejectLimitError, rejectOf } from './rejection.ts';

/**
 * Takes the records of a task, one by one: those that can be encoded are staged, others are kept as rejected while
 * that is allowed. The first failure, its own or the task's, is the one it stays with.
 */
export class RecordIntake {
  readonly #opening: Opening;
  readonly #emitter: SafeEmitter;
  #task: LoadTask | undefined;
  /** Of a time without a task, which would know it. */
  #failure: RelytError | undefined;

  constructor(opening: Opening, emitter: SafeEmitter) {
    this.#opening = opening;
    this.#emitter = emitter;
  }

  /** Undefined until the first good record. */
  get task(): LoadTask | undefined {
    return this.#task;
  }

  get failure(): RelytError | undefined {
    return this.#task?.failure ?? this.#failure;
  }

  /** Returns what the next record has to wait for, if anything. */
  take(record: unknown, position: unknown): Promise<void> | undefined {
    try {
      this.#task ??= this.#opening.begin(record);
      if (position !== undefined) this.#task.holdOpen();
      this.#task.write(record, this.#nextOrdinal());
    } catch (error) {
      const refusal = asRelytError(error);
      if (refusal.code === 'RECORD_INVALID')
        this.reject(refusal, { record, position, ordinal: refusal.details.record });
      // What is wrong with the first record's columns is wrong with all of them; nothing is staged yet.
      else if (this.#task === undefined) throw refusal;
      else throw this.fail(refusal);
    }
    return this.#task?.mustWait ? this.#task.whenReady() : undefined;
  }

  /** While the task's rejected records, this one included, are at most `maxErrorRecords`, it goes on. */
  reject(error: RelytError, input: RefusedInput): void {
    const { rejects, ledger, tally } = this.#opening;
    if (!rejects.tryTake(1)) throw this.fail(rejectLimitError(error, rejects.limit));
    const reject = rejectOf(error, input, input.ordinal ?? this.#nextOrdinal());
    if (this.#task === undefined) ledger.reject(reject);
    else this.#task.reject(reject);
    tally.rejected++;
    this.#emitter.report('recordRejected', { record: reject.ordinal, error });
  }

  /** Records came to an end before their source did. */
  sourceFailed(error: unknown): void {
    if (this.failure !== undefined) return;
    const reason = error instanceof Error ? error.message : String(error);
    const message = `the source of the records failed: ${reason}`;
    this.fail(new RelytError('SOURCE_FAILED', message, { cause: error }));
  }

  /** Returns the error with the task's id. */
  fail(error: RelytError): RelytError {
    const placed = asRelytError(error.at({ processId: this.#opening.processId }));
    if (this.#task !== undefined) this.#task.fail(placed);
    else if (this.#failure === undefined) {
      this.#failure = placed;
      this.#emitter.report('failed', placed);
    }
    return placed;
  }

  /** Ordinals are given once: a record that is refused keeps the one it got. */
  #nextOrdinal(): number {
    const { tally } = this.#opening;
    tally.received++;
    return tally.received;
  }
}
