/** The records of an input, whatever its format, as a BulkProcessor takes them. */

import type { ColumnsOption } from '../core/record-columns.ts';
import type { TargetTable } from '../core/target-table.ts';
import type { FormatOptions, OptionNames } from './format-options.ts';
import type { InputSource } from './input-source.ts';
import type { BatchOf, InputPosition, OnBadRecord } from './record-batch.ts';
import type { RecordRows } from './record-rows.ts';

/** To be read before the next one is asked for. */
export interface SourceBatch {
  /** One object may stand for one record after the other; see `keptFields`. */
  readonly records: Iterable<object>;
  readonly count: number;
  /** Physical line of each record, 1-based. */
  readonly lines: readonly number[];
  /** Just after the last record. */
  readonly end: InputPosition;
}

export interface RecordSource {
  /** The setting `columns` of the load. */
  readonly columns: ColumnsOption | undefined;
  /** Skips the first `skipped` records, well-formed or not. Call it once. */
  batches(skipped: number): AsyncIterable<SourceBatch>;
}

export interface SourceOptions {
  readonly input: InputSource;
  readonly format: FormatOptions;
  /** How messages and hints call the options of the format; default as a program writes them. */
  readonly optionNames?: OptionNames | undefined;
  readonly table: TargetTable;
  /** Called with records that cannot be read, as long as others can; also with skipped ones. */
  readonly onBadRecord: OnBadRecord;
  /** Where to read the records, when the beginning tells the columns only. */
  readonly rest?: RestOfInput | undefined;
}

/** The same input again, opened at a place between two records. */
interface RestOfInput {
  readonly input: InputSource;
  readonly start: InputPosition;
}

/** The batches of a reader, without the first records. */
export async function* sourceBatches<R extends object>(
  batches: AsyncIterable<BatchOf<RecordRows<R>>>,
  skipped: number,
): AsyncGenerator<SourceBatch> {
  for await (const { records: rows, end } of batches) {
    const left = rows.after(skipped - (end.recordCount - rows.length));
    if (left.length === 0) continue;
    yield { records: left, count: left.length, lines: left.lines, end };
  }
}
