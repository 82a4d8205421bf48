import { counted } from '../core/figures.ts';
import { sentence } from '../core/sentence.ts';
import { asRelytError } from '../core/task-failure.ts';
import { RelytError } from '../errors.ts';
import { beginLoad } from './begin-load.ts';
import type { LoadTask } from './load-task.ts';
import type { OpenTask } from './open-task.ts';
import { publishReject, type RefusedInput, rejectLimitError, rejectOf } from './rejection.ts';

/**
 * Takes the records of a task, one by one: those that can be encoded are staged, others are kept as rejected while
 * that is allowed.
 */
export class RecordIntake {
  readonly #task: OpenTask;
  #load: LoadTask | undefined;

  constructor(task: OpenTask) {
    this.#task = task;
  }

  get task(): OpenTask {
    return this.#task;
  }

  /** Undefined until the first good record. */
  get load(): LoadTask | undefined {
    return this.#load;
  }

  /**
   * Returns what the next record has to wait for, if anything. One that is safe already, because the source replays
   * it, is only counted.
   * @param line its line in the source, and `position` that of the call that brings it; undefined where there is none
   */
  take(record: unknown, line: number | undefined, position: unknown): Promise<void> | undefined {
    if (this.#passesOver()) return undefined;
    try {
      this.#load ??= beginLoad(this.#task, record);
      this.#load.write(record, this.#nextOrdinal(), line);
    } catch (error) {
      const refusal = asRelytError(error);
      if (refusal.code === 'RECORD_INVALID')
        this.#reject(refusal, { record, line, position, ordinal: refusal.details.record });
      // What is wrong with the first record's columns is wrong with all of them; nothing is staged yet.
      else if (this.#load === undefined) throw refusal;
      else throw this.#task.end.fail(refusal);
    }
    return this.#load?.mustWait ? this.#load.whenReady() : undefined;
  }

  /** A record that the caller could not read. */
  reject(error: RelytError, input: RefusedInput): void {
    if (!this.#passesOver()) this.#reject(error, input);
  }

  /** The records that come now bring the source to this position. */
  headsFor(position: unknown): void {
    this.#task.source.headsFor(position);
  }

  /** Everything handed over so far comes before this position of the source. */
  reached(position: unknown): void {
    const { source, tally } = this.#task;
    source.reached(position, tally.received);
    this.#load?.positionReached();
  }

  /**
   * A source that replays has to give every record that is safe: with fewer of them it is not the same one, and what
   * was skipped may have been something else.
   * @throws RelytError REPLAY_INCOMPLETE
   */
  checkReplayed(): void {
    const { source, tally } = this.#task;
    const lacking = source.lacking(tally.received);
    if (lacking === 0) return;
    const replayed = tally.received - source.replayAfter;
    const message = `The source was replayed from its position and ended after ${counted(replayed, 'record')}, ${counted(lacking, 'record')} before the place that it had reached.`;
    throw new RelytError('REPLAY_INCOMPLETE', message);
  }

  /** While the task's rejected records, this one included, are at most `maxErrorRecords`, it goes on. */
  #reject(error: RelytError, input: RefusedInput): void {
    const { plan, rejects, ledger, tally, emitter, end } = this.#task;
    if (!rejects.tryTake(1)) throw end.fail(rejectLimitError(error, rejects.limit));
    const reject = rejectOf(error, input, input.ordinal ?? this.#nextOrdinal());
    if (this.#load === undefined) ledger.reject(reject);
    else this.#load.reject(reject);
    tally.rejected++;
    emitter.report('recordRejected', { record: reject.ordinal, error });
    publishReject(plan, { record: reject.ordinal, stage: 'encode', error });
  }

  /** Records came to an end before their source did. */
  sourceFailed(error: unknown): void {
    const { end } = this.#task;
    if (!end.isRunning) return;
    const reason = error instanceof Error ? error.message : String(error);
    const message = sentence(`The source of the records failed: ${reason}`);
    end.fail(new RelytError('SOURCE_FAILED', message, { cause: error }));
  }

  #passesOver(): boolean {
    const { source, tally } = this.#task;
    if (!source.isSafe(tally.received + 1)) return false;
    tally.received++;
    return true;
  }

  /** Ordinals are given once: a record that is refused keeps the one it got. */
  #nextOrdinal(): number {
    const { tally } = this.#task;
    tally.received++;
    return tally.received;
  }
}
