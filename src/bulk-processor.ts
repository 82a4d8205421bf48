import type { Writable } from 'node:stream';
import type { LoadConfig } from './config/load-config.ts';
import { asRelytError } from './core/task-failure.ts';
import type { RelytError } from './errors.ts';
import type { EventListener, ProcessorEvents, Progress } from './events.ts';
import type { ResumeOptions } from './task/claim-task.ts';
import { eachRecord } from './task/each-record.ts';
import type { InsertOptions } from './task/insert-options.ts';
import { InsertSignal } from './task/insert-signal.ts';
import type { OpenTask } from './task/open-task.ts';
import { checkRecords } from './task/record-cursor.ts';
import type { RecordIntake } from './task/record-intake.ts';
import { recordStream } from './task/record-stream.ts';

/** What `BulkProcessor.open` found. */
export type OpenedTask<Row = unknown, Position = unknown> =
  | {
      readonly state: 'created' | 'resumed';
      readonly processor: BulkProcessor<Row, Position>;
    }
  /** The task was loaded before: there is nothing to insert. */
  | { readonly state: 'complete'; readonly processId: string };

/**
 * Inside, records have no type: what depends on it was checked where the settings were written. Said by a cast, because
 * an incremental compilation may find the two unrelated.
 */
function untyped<Row>(config: LoadConfig<Row>): LoadConfig {
  return config as LoadConfig;
}

/**
 * Loads records into one table: any number of `insert()`, then `flush()` or `shutdown()`.
 *
 * After `flush()` resolves, every record inserted before it is in the table exactly once, or kept as a rejected record.
 * With the types of your records and positions, `create<Row, Position>()` and the others check what you insert, and the
 * settings that name columns.
 *
 * @example
 * ```ts
 * import { BulkProcessor } from 'relyt-sdk';
 *
 * interface Event {
 *   id: number;
 *   name: string | null;
 * }
 * await using processor = await BulkProcessor.create<Event>({
 *   postgresql: { connectionString: process.env.DATABASE_URL, table: 'events' },
 *   concurrency: 2,
 * });
 * await processor.insert([{ id: 1, name: 'first' }, { id: 2, name: 'second' }]);
 * await processor.shutdown();
 * ```
 */
export class BulkProcessor<Row = unknown, Position = unknown> implements AsyncDisposable {
  readonly #task: OpenTask;
  readonly #intake: RecordIntake;

  private constructor(intake: RecordIntake) {
    this.#task = intake.task;
    this.#intake = intake;
    this.#task.emitter.tells(() => this.#task.tally.progress);
    this.#task.end.abortOnSignal();
  }

  /**
   * Connects, prepares the schema where the role may, reads the table and the S3 settings, and stores the task.
   * @throws RelytError CONFIG_INVALID, DATABASE_…, SCHEMA_MISSING, LOADER_CONFIG_…, TABLE_…
   */
  static async create<Row = unknown, Position = unknown>(
    config: NoInfer<LoadConfig<Row>>,
  ): Promise<BulkProcessor<Row, Position>> {
    const { newIntake } = await import('./task/open-intake.ts');
    return BulkProcessor.of(await newIntake(untyped(config)));
  }

  /**
   * Takes over a task that failed or whose process died: imports what was staged completely, and removes the rest.
   * `position` then says up to where the source is safe. Insert the records after it, and every record is loaded
   * exactly once. Records after it that are safe already, because a file was full in the middle of a call, are skipped.
   * @throws RelytError RESUME_REFUSED when the task is alive, has ended, or was started with other settings that
   * matter; STAGED_FILE_LOST
   */
  static async resume<Row = unknown, Position = unknown>(
    processId: string,
    config: NoInfer<LoadConfig<Row>>,
    options: ResumeOptions = {},
  ): Promise<BulkProcessor<Row, Position>> {
    const { resumedIntake } = await import('./task/open-intake.ts');
    return BulkProcessor.of(await resumedIntake(processId, untyped(config), options));
  }

  /**
   * Opens the task of a key that you choose, so that the same program can be run again: the first run creates the
   * task, a run after a failure resumes it, and a run after its end reports that it is complete. A key belongs to this
   * role and this table. An aborted task leaves its key to the next one.
   * @throws RelytError RESUME_REFUSED when another process still has the task after `waitSeconds`; otherwise as `create` and
   * `resume`
   */
  static async open<Row = unknown, Position = unknown>(
    key: string,
    config: NoInfer<LoadConfig<Row>>,
    options: ResumeOptions = {},
  ): Promise<OpenedTask<Row, Position>> {
    const { keyedIntake } = await import('./task/open-intake.ts');
    const found = await keyedIntake(key, untyped(config), options);
    if (found.state === 'complete') return found;
    return { state: found.state, processor: BulkProcessor.of(found.intake) };
  }

  /**
   * The processor of a task that was planned and begun, or resumed, step by step.
   * @internal
   */
  static of<Row, Position>(intake: RecordIntake): BulkProcessor<Row, Position> {
    return new BulkProcessor(intake);
  }

  /** Unique id of the task: the key of its rows in relyt_sys and of its folder in S3. */
  get processId(): string {
    return this.#task.writer.processId;
  }

  /**
   * The position from which to replay the source of a resumed task: the newest one stored by
   * `insert(records, { position })` up to which everything is safe. Undefined for the beginning of the source, or when no
   * positions were given.
   */
  get position(): Position | undefined {
    // What was stored as JSON by a call of the same type.
    return this.#task.position as Position | undefined;
  }

  /**
   * Inserts records. Resolves when they are encoded, not when they are imported, and waits while the loader is behind.
   * You may call it again before it resolves. A source that throws makes the task fail with SOURCE_FAILED, and
   * `insert()` rejects with the error of the source. When the task fails or is aborted, `insert()` rejects at once and
   * closes the source.
   * @throws RelytError RECORD_INVALID, REJECT_LIMIT_EXCEEDED, COLUMN_…, or whatever made the task fail; INSERT_ABORTED
   */
  async insert(
    records: Iterable<Row> | AsyncIterable<Row>,
    options: InsertOptions<Position> = {},
  ): Promise<void> {
    const { end } = this.#task;
    end.checkRunning();
    checkRecords(records);
    const { position, lines } = options;
    let taken = 0;
    using stop = new InsertSignal(end.signal, options.signal, () => taken);
    stop.signal.throwIfAborted();
    if (position !== undefined) this.#intake.headsFor(position);
    await eachRecord(records, {
      signal: stop.signal,
      take: (record) => {
        end.checkRunning();
        const line = lines?.[taken];
        taken++;
        return this.#intake.take(record, line, position);
      },
      // Some of its records may be staged, and what is missing is not known: they must not pass for all (G1).
      sourceFailed: (error) => this.#intake.sourceFailed(error),
    });
    if (position !== undefined) this.#intake.reached(position);
  }

  /**
   * Rejects a record that you could not read yourself, such as a malformed line: it is kept like a record that could not
   * be encoded, and the task fails past `maxErrorRecords`. A source that gives positions gives one here, too: otherwise
   * a resume replays the record, and skips it when it is safe.
   * @throws RelytError REJECT_LIMIT_EXCEEDED, or the error given when no record may be rejected
   */
  reject(
    error: RelytError,
    record: unknown,
    { position, lines }: InsertOptions<Position> = {},
  ): void {
    this.#task.end.checkRunning();
    this.#intake.reject(error, { record, position, line: lines?.[0] });
    if (position !== undefined) this.#intake.reached(position);
  }

  /**
   * An object stream for `stream.pipeline`. It finishes when everything is imported. A stream that is destroyed before
   * its end, because its source failed, makes the task fail with SOURCE_FAILED: which records are missing is not known.
   * When the task fails or is aborted, the stream and its pipeline are destroyed.
   */
  writable(): Writable {
    return recordStream({
      // Streams of objects have no type of their own.
      insert: (records) => this.insert(records as Iterable<Row>),
      flush: () => this.flush(),
      sourceFailed: (error) => this.#intake.sourceFailed(error),
      signal: this.#task.end.signal,
    });
  }

  /**
   * Imports every record inserted so far. Resolves when they are in the table and the checkpoint says so.
   * @throws RelytError whatever made the task fail
   */
  async flush(): Promise<void> {
    this.#task.end.checkRunning();
    const { ledger, last, end } = this.#task;
    const { load } = this.#intake;
    // Without a load there were no good records, but there may be rejected ones.
    if (load === undefined) await ledger.writeRejects();
    const mark = await load?.flush();
    try {
      await ledger.flushed(mark ?? { upToFile: last.fileId, files: last.files });
    } catch (error) {
      throw await end.failed(asRelytError(error));
    }
  }

  /**
   * Flushes, marks the task COMPLETED and closes all connections. A task that failed is marked FAILED,
   * and its staged files are kept.
   * @throws RelytError whatever made the task fail; ABORTED when it was aborted before; REPLAY_INCOMPLETE when the source
   * of a resumed task was replayed and gave fewer records than are safe
   */
  shutdown(): Promise<void> {
    return this.#task.end.finish({ as: 'completed' }, async () => {
      this.#intake.checkReplayed();
      await this.flush();
    });
  }

  /**
   * Ends the task early but in order: imports everything inserted so far, marks the task FAILED with the reason, because
   * its input is not finished, and closes all connections. You can resume it later.
   * @throws RelytError whatever made the task fail
   */
  suspend(reason: string): Promise<void> {
    return this.#task.end.finish({ as: 'suspended', reason }, () => this.flush());
  }

  /**
   * Cancels the task: stops imports under way, deletes what is staged and not imported, marks it CANCELLED. A task that
   * failed stays FAILED, and one that ended is left alone.
   */
  abort(): Promise<void> {
    return this.#task.end.abort();
  }

  /** The progress of the task. */
  progress(): Progress {
    return this.#task.tally.progress;
  }

  /**
   * Calls the listener for every event of this name. A listener cannot break the task: what it throws, or what the
   * promise it returns rejects with, is reported as a `warning` with the code LISTENER_FAILED, or as a warning of the
   * process if nothing listens to those.
   *
   * @example
   * ```ts
   * import type { BulkProcessor } from 'relyt-sdk';
   *
   * function watch(processor: BulkProcessor): void {
   *   processor.on('progress', ({ imported, received }) => console.log(`${imported} of ${received}`));
   *   processor.once('failed', (error) => console.error(error.code, error.hint));
   * }
   * ```
   */
  on<Name extends keyof ProcessorEvents>(name: Name, listener: EventListener<Name>): this {
    this.#task.emitter.on(name, listener);
    return this;
  }

  /** Like `on`, for the next event of this name alone. */
  once<Name extends keyof ProcessorEvents>(name: Name, listener: EventListener<Name>): this {
    this.#task.emitter.once(name, listener);
    return this;
  }

  off<Name extends keyof ProcessorEvents>(name: Name, listener: EventListener<Name>): this {
    this.#task.emitter.off(name, listener);
    return this;
  }

  /**
   * The events of this name from now on, for a `for await` loop, which ends when the task ends. Up to 10,000 events
   * wait for the loop; a loop that is further behind ends with EVENTS_UNREAD, and the load continues.
   */
  events<Name extends keyof ProcessorEvents>(
    name: Name,
  ): AsyncIterableIterator<ProcessorEvents[Name][0]> {
    return this.#task.emitter.queue(name);
  }

  /** Aborts the task when the scope is left without shutdown(): something went wrong. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.abort();
  }
}
