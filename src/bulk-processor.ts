import type { Writable } from 'node:stream';
import type { BulkProcessorConfig } from './config.ts';
import { asRelytError } from './core/task-failure.ts';
import type { TaskState } from './core/task-state.ts';
import { RelytError } from './errors.ts';
import { type ProcessorEvents, type Progress, SafeEmitter } from './events.ts';
import { checkRecords, eachRecord } from './task/each-record.ts';
import { endAborted, endFailed } from './task/end-failed.ts';
import { type Opening, openTask } from './task/open-task.ts';
import { RecordIntake } from './task/record-intake.ts';
import { recordStream } from './task/record-stream.ts';
import { type ResumeOptions, resumeTask } from './task/resume-task.ts';

type State = 'running' | 'closing' | 'closed';

export interface InsertOptions {
  /**
   * Where the source stands after these records, as JSON: an offset, a line number. Stored with the file that holds
   * the last of them; after a crash it says from where to replay. Calls that give positions must not overlap.
   */
  readonly position?: unknown;
}

/**
 * Loads records into one table: any number of `insert()`, then `flush()` or `shutdown()`.
 *
 * Records travel as CSV through S3 and are imported by the database itself. After `flush()` resolves,
 * every record inserted before it is in the table exactly once, or kept as a rejected record.
 *
 * @example
 * ```ts
 * import { BulkProcessor } from 'relyt-sdk';
 *
 * await using processor = await BulkProcessor.create({
 *   postgresql: { connectionString: process.env.DATABASE_URL, table: 'events' },
 *   concurrency: 2,
 * });
 * await processor.insert([{ id: 1, name: 'first' }, { id: 2, name: 'second' }]);
 * await processor.shutdown();
 * ```
 */
export class BulkProcessor implements AsyncDisposable {
  readonly #opening: Opening;
  readonly #emitter: SafeEmitter;
  readonly #intake: RecordIntake;
  #state: State = 'running';
  /** Of shutdown() or suspend(). */
  #ending: Promise<void> | undefined;
  /** Of a task that failed or was aborted. */
  #failedEnding: Promise<void> | undefined;
  readonly #onAbort = () => void this.abort().catch(() => undefined);

  private constructor(opening: Opening, emitter: SafeEmitter) {
    this.#opening = opening;
    this.#emitter = emitter;
    this.#intake = new RecordIntake(opening, emitter);
    // Nobody has to call anything after a failure: the task is FAILED at once, and nothing is left open.
    emitter.on('failed', () => void this.#endFailed().catch(() => undefined));
    const { signal } = opening.config;
    signal?.addEventListener('abort', this.#onAbort, { once: true });
    // It may have fired while the task was opened.
    if (signal?.aborted) this.#onAbort();
  }

  /**
   * Connects, prepares the schema where the role may, reads the table and the S3 settings, and records the task.
   * @throws RelytError CONFIG_INVALID, DATABASE_…, SCHEMA_MISSING, LOADER_CONFIG_…, TABLE_…
   */
  static async create(config: BulkProcessorConfig): Promise<BulkProcessor> {
    const emitter = new SafeEmitter();
    return new BulkProcessor(await openTask(config, emitter), emitter);
  }

  /**
   * Takes over a task that failed or whose process died: imports what was staged completely, removes what was not.
   * `position` then says up to where the source is safe; insert the records after it, and every record is loaded
   * exactly once.
   * @throws RelytError RESUME_REFUSED when the task is alive, ended, or was started with settings that matter and
   * differ; STAGED_FILE_LOST
   */
  static async resume(
    processId: string,
    config: BulkProcessorConfig,
    options: ResumeOptions = {},
  ): Promise<BulkProcessor> {
    const emitter = new SafeEmitter();
    return new BulkProcessor(await resumeTask(processId, config, { ...options, emitter }), emitter);
  }

  /** Unique id of the task: the key of its rows in relyt_sys and of its folder in S3. */
  get processId(): string {
    return this.#opening.processId;
  }

  /** Of a resumed task: the newest position stored by `insert(records, { position })` up to which everything is safe. */
  get position(): unknown {
    return this.#opening.position;
  }

  /**
   * Hands over records; resolves when they are encoded, not when they are imported. Waits while the loader
   * is behind. May be called again before it resolved; each record stays whole.
   * @throws RelytError RECORD_INVALID, REJECT_LIMIT_EXCEEDED, COLUMN_…, or whatever made the task fail
   */
  async insert(
    records: Iterable<unknown> | AsyncIterable<unknown>,
    options: InsertOptions = {},
  ): Promise<void> {
    this.#checkRunning();
    checkRecords(records);
    const { position } = options;
    const take = (record: unknown) => {
      this.#checkRunning();
      return this.#intake.take(record, position);
    };
    if (position === undefined) return eachRecord(records, take);
    try {
      await eachRecord(records, take);
    } catch (error) {
      // Some of these records may be staged, and no position says so: they must not be frozen.
      if (this.#intake.task !== undefined) this.#intake.sourceFailed(error);
      throw error;
    }
    this.#intake.task?.reached(position);
  }

  /**
   * Counts a record that the caller itself could not read (a malformed line, say) like one that could not be
   * encoded: it is kept as rejected, and the task fails past `maxErrorRecords`. A source that gives positions
   * gives one here, too: without it the record is replayed, and rejected again, by a resume.
   * @throws RelytError REJECT_LIMIT_EXCEEDED, or the error given when no record may be rejected
   */
  reject(error: RelytError, record: unknown, { position }: InsertOptions = {}): void {
    this.#checkRunning();
    this.#intake.reject(error, { record, position });
    if (position !== undefined) this.#intake.task?.reached(position);
  }

  /**
   * An object stream for `stream.pipeline`; it ends when all is imported. A stream that is destroyed before its end,
   * because its source failed, makes the task fail with SOURCE_FAILED: nobody can say which records are missing.
   */
  writable(): Writable {
    return recordStream({
      insert: (records) => this.insert(records),
      flush: () => this.flush(),
      sourceFailed: (error) => {
        if (this.#state === 'running') this.#intake.sourceFailed(error);
      },
    });
  }

  /**
   * Resolves when every record inserted before is imported and the checkpoint says so.
   * @throws RelytError whatever made the task fail
   */
  async flush(): Promise<void> {
    this.#checkRunning();
    const { task } = this.#intake;
    await task?.flush();
    // Without a task there were no good records, but there may be rejected ones.
    if (task === undefined) await this.#opening.ledger.writeRejects();
    await this.#opening.ledger.summarize();
  }

  /**
   * Flushes, marks the task COMPLETED and closes all connections. A task that failed is marked FAILED
   * and its staged files stay.
   * @throws RelytError whatever made the task fail; ABORTED when it was aborted before
   */
  shutdown(): Promise<void> {
    this.#ending ??= this.#finish({ status: 'COMPLETED', message: null });
    return this.#ending;
  }

  /**
   * Ends early but orderly: imports everything inserted so far, marks the task FAILED with the reason, because its
   * input was not finished, and closes all connections.
   * @throws RelytError whatever made the task fail
   */
  suspend(reason: string): Promise<void> {
    this.#ending ??= this.#finish({ status: 'FAILED', message: reason });
    return this.#ending;
  }

  /**
   * Cancels the task: stops imports under way, deletes what is staged and not imported, marks it CANCELLED. A task that
   * failed stays FAILED, and one that ended is left alone.
   */
  async abort(): Promise<void> {
    if (this.#state === 'running' && this.#intake.failure === undefined)
      this.#intake.fail(new RelytError('ABORTED', `the task ${this.processId} was aborted`));
    if (this.#intake.failure !== undefined) return this.#endFailed();
    await this.#ending?.catch(() => undefined);
  }

  /** How far the task is. */
  progress(): Progress {
    return this.#opening.tally.progress;
  }

  on<Name extends keyof ProcessorEvents>(
    name: Name,
    listener: (...payload: ProcessorEvents[Name]) => void,
  ): this {
    this.#emitter.on(name, listener as never);
    return this;
  }

  off<Name extends keyof ProcessorEvents>(
    name: Name,
    listener: (...payload: ProcessorEvents[Name]) => void,
  ): this {
    this.#emitter.off(name, listener as never);
    return this;
  }

  /** Leaving the scope without shutdown() means something went wrong: the task is aborted. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.abort();
  }

  #checkRunning(): void {
    const { failure } = this.#intake;
    if (failure !== undefined) throw failure;
    if (this.#state === 'running') return;
    throw new RelytError('CLOSED', `the task ${this.processId} was shut down or aborted`, {
      details: { processId: this.processId },
    });
  }

  async #finish(end: {
    readonly status: TaskState;
    readonly message: string | null;
  }): Promise<void> {
    const { ledger } = this.#opening;
    try {
      await this.flush();
      // Aborted in the last moment.
      this.#checkRunning();
      this.#state = 'closing';
      await ledger.finish(end.status, end.message);
    } catch (error) {
      const failure = this.#intake.fail(asRelytError(error));
      await this.#endFailed();
      throw failure;
    }
    await this.#close();
  }

  /** Stops what is under way and records the end of a task that failed or was aborted. */
  #endFailed(): Promise<void> {
    this.#failedEnding ??= this.#endBy(this.#intake).finally(() => this.#close());
    return this.#failedEnding;
  }

  async #endBy({ task, failure }: RecordIntake): Promise<void> {
    this.#state = 'closing';
    await task?.settle();
    if (failure?.code === 'ABORTED') await endAborted(this.#opening, task);
    else if (failure !== undefined) await endFailed(this.#opening, task, failure);
  }

  async #close(): Promise<void> {
    this.#state = 'closed';
    this.#opening.config.signal?.removeEventListener('abort', this.#onAbort);
    await this.#opening.close();
  }
}
