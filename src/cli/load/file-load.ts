import type { BulkProcessor } from '../../bulk-processor.ts';
import type { TargetTable } from '../../core/target-table.ts';
import { RelytError } from '../../errors.ts';
import type { Progress } from '../../events.ts';
import type { InputSource } from '../../input/input-source.ts';
import { openInput } from '../../input/open-input.ts';
import type { BadRecord, InputPosition } from '../../input/record-batch.ts';
import { ReadMarks } from '../../input/record-line.ts';
import type { RecordSource, SourceBatch } from '../../input/record-source.ts';
import { columnLeftToDefault, goOnCommand, type Interrupted } from './go-on.ts';
import { atLine, explainedFailure, type Reading } from './load-failure.ts';
import { type FileLoadOptions, isStream } from './load-options.ts';
import { type OpenLoad, openLoad } from './open-load.ts';

/** The outcome of a load, or its progress so far. */
export interface LoadOutcome {
  readonly processId: string;
  readonly table: string;
  readonly input: string;
  readonly progress: Progress;
  /** Bytes of the input, as it lies on disk. */
  readonly inputBytes: number;
  /** Records of the input that are dealt with, those skipped included: `--skip-records` of a load that continues. */
  readonly recordsDone: number;
  /** The input was read to its end and everything is imported. */
  readonly complete: boolean;
  /** The command that continues it when it is not. */
  readonly goOn: string;
}

/** Longest text kept of a record that could not be read. */
const MAX_KEPT_TEXT = 64 * 1024;

/**
 * The place in the input, stored with the task. It relates ordinals to records of the input; the task itself skips those
 * after it that are safe already.
 */
interface StoredPosition extends InputPosition {
  /** Records the task had received. */
  readonly received: number;
}

/** One input on its way into one table. */
export class FileLoad implements AsyncDisposable {
  readonly input: InputSource;
  readonly processor: BulkProcessor;
  readonly #table: TargetTable;
  readonly #source: RecordSource;
  readonly #options: FileLoadOptions;
  /** Records of the input before the first one of the task: each one after has its ordinal. */
  readonly #offset: number;
  /** Records to skip; a resumed task continues after its position. */
  readonly #skipped: number;
  readonly #safeThrough: number;
  readonly #marks = new ReadMarks();
  /** What the task said to a record, if it ended the reading. */
  #taskError: unknown;
  #complete = false;

  private constructor(open: OpenLoad, options: FileLoadOptions) {
    const { input, table, source, processor, safeThrough } = open;
    this.input = input;
    this.processor = processor;
    this.#table = table;
    this.#source = source;
    this.#options = options;
    const stored = processor.position as StoredPosition | undefined;
    this.#offset =
      stored === undefined ? options.skipRecords : stored.recordCount - stored.received;
    this.#skipped = this.#offset + processor.progress().received;
    this.#safeThrough = safeThrough;
  }

  /** Everything that can be wrong before the first record is found here; nothing is written then. */
  static async open(file: string, options: FileLoadOptions): Promise<FileLoad> {
    const { signal, resume, format } = options;
    const input = await openInput(file, {
      signal,
      encoding: format.encoding,
      skipBytes: resume?.from?.byteOffset,
    });
    try {
      let load: FileLoad | undefined;
      const onBadRecord = (bad: BadRecord) => load?.reject(bad);
      load = new FileLoad(await openLoad(file, { input, onBadRecord }, options), options);
      return load;
    } catch (error) {
      await input.close();
      throw error;
    }
  }

  /**
   * Loads to the end of the input, or, after a stop request, what was read until then.
   * @throws RelytError INPUT_MALFORMED after importing what was read before, or whatever made the task fail
   */
  async run(): Promise<void> {
    try {
      for await (const batch of this.#source.batches(this.#skipped)) await this.#insert(batch);
    } catch (error) {
      await this.#endEarly(error);
      return;
    }
    try {
      await this.processor.shutdown();
    } catch (error) {
      throw await this.#explained(error);
    }
    this.#complete = true;
  }

  /** Rejected records that do not end the load. */
  get tolerated(): number {
    return this.#options.settings.maxErrorRecords ?? 0;
  }

  outcome(): LoadOutcome {
    const { target } = this.#options;
    const progress = this.processor.progress();
    return {
      processId: this.processor.processId,
      table: `${target.schema}.${target.table}`,
      input: this.input.name,
      progress,
      inputBytes: this.input.bytesRead,
      recordsDone: this.#offset + Math.max(progress.received, this.#safeThrough),
      complete: this.#complete,
      goOn: goOnCommand(this.#interrupted),
    };
  }

  reject(bad: BadRecord): void {
    if (bad.recordNumber <= this.#skipped) return;
    try {
      this.processor.reject(bad.error, bad.text.slice(0, MAX_KEPT_TEXT), { lines: [bad.line] });
    } catch (error) {
      this.#taskError = error;
      throw error;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.input.close();
    await this.processor.abort();
  }

  get #interrupted(): Interrupted {
    return { processId: this.processor.processId, isStream: isStream(this.#options) };
  }

  async #insert({ records, count, lines, end }: SourceBatch): Promise<void> {
    const before = this.processor.progress().received;
    const position: StoredPosition = { ...end, received: before + count };
    try {
      await this.processor.insert(records, { position, lines });
    } catch (error) {
      this.#taskError = this.#withLine(error, before, lines);
      throw this.#taskError;
    }
    this.#marks.pass(end);
  }

  /** A record of the batch that was just handed over. */
  #withLine(error: unknown, before: number, lines: readonly number[]): unknown {
    if (!(error instanceof RelytError) || error.details.record === undefined) return error;
    if (error.details.line !== undefined) return error;
    const line = lines[error.details.record - before - 1];
    return line === undefined ? error : atLine(error, this.input.name, line);
  }

  /** The input ended badly or was stopped: what was read is imported all the same, so that it can be gone on with. */
  async #endEarly(error: unknown): Promise<void> {
    const { signal } = this.#options;
    const stopped = signal.aborted && error instanceof RelytError && error.code === 'ABORTED';
    const reason = stopped ? 'stopped by a signal' : String((error as Error).message);
    try {
      await this.processor.suspend(reason);
    } catch (failure) {
      // The task failed: that is what ended the reading, or comes before how the reading ended.
      throw await this.#explained(this.#taskError ?? failure);
    }
    if (stopped) return;
    const ofInput = this.#taskError === undefined;
    throw await this.#explained(error, ofInput ? this.outcome().recordsDone : undefined);
  }

  /** @param unreadableAfter records that are dealt with, when what follows them cannot be read */
  async #explained(error: unknown, unreadableAfter?: number): Promise<unknown> {
    if (!(error instanceof RelytError)) return error;
    const { imported, filesFrozen } = this.processor.progress();
    const isFresh = this.#safeThrough === 0;
    const failed = {
      ...this.#interrupted,
      unreadableAfter,
      nothingStaged: isFresh && filesFrozen === 0,
      nothingImported: isFresh && imported === 0,
      leftToDefault: columnLeftToDefault(error.details, this.#table.columns),
    };
    return explainedFailure(error, failed, this.#reading);
  }

  get #reading(): Reading | undefined {
    const { format, signal } = this.#options;
    if (isStream(this.#options)) return undefined;
    return {
      file: this.input.name,
      offset: this.#offset,
      format,
      table: this.#table,
      marks: this.#marks,
      // After a first request to stop, a second one ends the process.
      signal: signal.aborted ? undefined : signal,
    };
  }
}
