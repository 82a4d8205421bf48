import { BulkProcessor } from '../../bulk-processor.ts';
import type { BulkProcessorConfig } from '../../config.ts';
import { RelytError } from '../../errors.ts';
import type { Progress } from '../../events.ts';
import { readTarget } from '../../operations/find-target.ts';
import type { TableName } from '../argument-parsers.ts';
import { withDatabase } from '../connection-options.ts';
import { type InputSource, openInput } from '../input/input-source.ts';
import type { BadRecord, InputPosition } from '../input/record-reader.ts';
import { goOnCommand, goOnHint, type Interrupted } from './go-on.ts';
import type { InputFlags } from './input-flags.ts';
import { openRecordSource, type RecordSource, type SourceBatch } from './record-source.ts';

export interface FileLoadOptions {
  readonly connection: { readonly connectionString?: string };
  readonly target: TableName;
  readonly input: InputFlags;
  /** Records of the input to pass over. */
  readonly skipRecords: number;
  /** The interrupted task to go on with, instead of a new one. */
  readonly resume?: {
    readonly processId: string;
    readonly allowChanges: readonly string[];
    /** Where to enter the file, at or before where the task stands; default its beginning. */
    readonly from?: InputPosition | undefined;
  };
  readonly settings: Omit<BulkProcessorConfig, 'postgresql' | 'columns'>;
  /** Stops the intake; what was read is still imported. */
  readonly signal: AbortSignal;
}

/** How a load went, or how far it is. */
export interface LoadOutcome {
  readonly processId: string;
  readonly table: string;
  readonly input: string;
  readonly progress: Progress;
  /** Bytes of the input, as it lies on disk. */
  readonly inputBytes: number;
  /** Records of the input that are dealt with, those skipped included: `--skip-records` to go on with. */
  readonly recordsDone: number;
  /** The input was read to its end and everything is imported. */
  readonly complete: boolean;
  /** The command that goes on with it when it is not. */
  readonly goOn: string;
}

/** Longest text kept of a record that could not be read. */
const MAX_KEPT_TEXT = 64 * 1024;

/**
 * What is kept with the task of how far the input was read. A file may be frozen between two positions, so
 * going on begins after the last ordinal; the position tells how ordinals and records of the input go together.
 */
interface StoredPosition extends InputPosition {
  /** Records the task had received. */
  readonly received: number;
}

/** One input on its way into one table. */
export class FileLoad implements AsyncDisposable {
  readonly input: InputSource;
  readonly processor: BulkProcessor;
  readonly #source: RecordSource;
  readonly #options: FileLoadOptions;
  /** Records of the input before the first one of the task: each one after has its ordinal. */
  readonly #offset: number;
  /** Records to pass over; a resumed task received those after the offset before. */
  readonly #skipped: number;
  #complete = false;

  private constructor(
    input: InputSource,
    source: RecordSource,
    processor: BulkProcessor,
    options: FileLoadOptions,
  ) {
    this.input = input;
    this.processor = processor;
    this.#source = source;
    this.#options = options;
    const stored = processor.position as StoredPosition | undefined;
    this.#offset =
      stored === undefined ? options.skipRecords : stored.recordCount - stored.received;
    this.#skipped = this.#offset + processor.progress().received;
  }

  /** Everything that can be wrong before the first record is found here; nothing is recorded then. */
  static async open(file: string, options: FileLoadOptions): Promise<FileLoad> {
    const { connection, target, signal } = options;
    const from = options.resume?.from;
    const input = await openInput(file, { signal, skipBytes: from?.byteOffset });
    try {
      // A header stands at the beginning, and the format shows there.
      await using beginning = from && (await openInput(file, { signal }));
      const rest = from && { input, start: from };
      const table = await withDatabase({ databaseUrl: connection.connectionString }, (database) =>
        readTarget(database, target),
      );
      let load: FileLoad | undefined;
      const onBadRecord = (bad: BadRecord) => load?.reject(bad);
      const source = await openRecordSource({
        input: beginning ?? input,
        flags: options.input,
        table,
        onBadRecord,
        rest,
      });
      const processor = await openProcessor(options, source);
      load = new FileLoad(input, source, processor, options);
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
      throw this.#placed(error);
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
      recordsDone: this.#offset + progress.received,
      complete: this.#complete,
      goOn: goOnCommand(this.#interrupted),
    };
  }

  reject(bad: BadRecord): void {
    if (bad.recordNumber <= this.#skipped) return;
    this.processor.reject(bad.error, bad.text.slice(0, MAX_KEPT_TEXT));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.input.close();
    await this.processor.abort();
  }

  get #interrupted(): Interrupted {
    const { source } = this.#options.settings;
    const isStream = (source as { readonly kind?: unknown } | undefined)?.kind === 'stream';
    return { processId: this.processor.processId, isStream };
  }

  async #insert({ records, lines, end }: SourceBatch): Promise<void> {
    const before = this.processor.progress().received;
    const position: StoredPosition = { ...end, received: before + records.length };
    try {
      await this.processor.insert(records, { position });
    } catch (error) {
      throw this.#withLine(error, before, lines);
    }
  }

  /** The processor counts records; a person looks for the line. */
  #withLine(error: unknown, before: number, lines: readonly number[]): unknown {
    if (!(error instanceof RelytError) || error.details.record === undefined) return error;
    const line = lines[error.details.record - before - 1];
    if (line === undefined) return error;
    return new RelytError(error.code, `${this.input.name}, line ${line}: ${error.message}`, {
      details: { ...error.details, line },
      hint: error.hint,
      cause: error,
    });
  }

  /** The input ended badly or was stopped: what was read is imported all the same, so that it can be gone on with. */
  async #endEarly(error: unknown): Promise<void> {
    const { signal } = this.#options;
    const stopped = signal.aborted && error instanceof RelytError && error.code === 'ABORTED';
    const reason = stopped ? 'stopped by a signal' : String((error as Error).message);
    try {
      await this.processor.suspend(reason);
    } catch (failure) {
      // The task had failed before: then its failure is what ended the reading.
      throw stopped ? failure : this.#placed(error);
    }
    if (!stopped) throw this.#resumable(this.#placed(error));
  }

  /** An error of the task itself: where it is kept, and how to go on with it. */
  #placed(error: unknown): unknown {
    if (!(error instanceof RelytError)) return error;
    return new RelytError(error.code, error.message, {
      details: { processId: this.processor.processId, ...error.details },
      hint: goOnHint(error, this.#interrupted),
      cause: error.cause,
    });
  }

  #resumable(error: unknown): unknown {
    if (!(error instanceof RelytError)) return error;
    const { recordsDone } = this.outcome();
    return new RelytError(error.code, error.message, {
      details: error.details,
      hint: `${error.hint} The ${recordsDone} records before it are dealt with; a new load would go on with --skip-records ${recordsDone}.`,
      cause: error.cause,
    });
  }
}

function openProcessor(options: FileLoadOptions, source: RecordSource): Promise<BulkProcessor> {
  const { connection, target, settings, resume } = options;
  const config = {
    ...settings,
    postgresql: { ...connection, ...target },
    columns: source.columns,
  };
  if (resume === undefined) return BulkProcessor.create(config);
  const { processId, allowChanges } = resume;
  return BulkProcessor.resume(processId, config, { allowChanges });
}
