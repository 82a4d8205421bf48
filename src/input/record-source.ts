/** The records of an input, whatever its format, as a BulkProcessor takes them. */

import type { ColumnsOption } from '../core/record-columns.ts';
import { isJsonType, type TargetTable } from '../core/target-table.ts';
import { RelytError } from '../errors.ts';
import { checkColumns, csvColumnNames, csvMapping } from './csv-columns.ts';
import { readCsv } from './csv-reader.ts';
import { inputFormat } from './format.ts';
import { type FormatOptions, OPTION_NAMES, type OptionNames } from './format-options.ts';
import type { InputSource } from './input-source.ts';
import { readNdjson } from './ndjson-reader.ts';
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

/** Reads as much as it takes to know the columns. @throws RelytError CONFIG_INVALID, INPUT_MALFORMED, COLUMN_… */
export async function openRecordSource(options: SourceOptions): Promise<RecordSource> {
  const { input } = options;
  const found = inputFormat({
    format: options.format.format,
    fileName: input.name,
    head: await input.peek(),
  });
  return found.kind === 'csv' ? csvSource(options, found.delimiter) : ndjsonSource(options);
}

async function csvSource(options: SourceOptions, delimiter: string): Promise<RecordSource> {
  const { input, format, table, onBadRecord, rest, optionNames } = options;
  const { header: hasHeader, columns } = format;
  const names = { table, columns, optionNames };
  const positional =
    hasHeader === false ? csvColumnNames({ ...names, header: undefined }) : undefined;
  const dialect = {
    delimiter: format.delimiter ?? delimiter,
    quote: format.quote,
    nullText: format.nullText,
    onBadRecord,
    optionNames,
  };
  const columnCount = positional?.length;
  const reader = readCsv(input, { ...dialect, header: hasHeader, columnCount });
  const header = await reader.header();
  const fieldNames = positional ?? (header && csvColumnNames({ ...names, header }));
  const { rows } =
    rest === undefined
      ? reader
      : readCsv(rest.input, {
          ...dialect,
          header: false,
          columnCount: fieldNames?.length,
          start: rest.start,
        });
  return {
    // An empty input has no header, and no record that would need the columns.
    columns: fieldNames && csvMapping(table, fieldNames, optionNames),
    batches: (skipped) => sourceBatches(rows, skipped),
  };
}

function ndjsonSource(options: SourceOptions): RecordSource {
  const { input, format, optionNames, table, rest, onBadRecord } = options;
  refuseCsvOptions(format, optionNames);
  const columns = format.columns?.filter((name) => name !== '');
  if (columns !== undefined) checkColumns(table, columns, optionNames);
  const { rows } = readNdjson(rest?.input ?? input, {
    jsonColumns: jsonColumns(table),
    onBadRecord,
    start: rest?.start,
  });
  return {
    columns,
    batches: (skipped) => sourceBatches(rows, skipped),
  };
}

function refuseCsvOptions(format: FormatOptions, optionNames: OptionNames = OPTION_NAMES): void {
  const given = (['delimiter', 'quote', 'nullText'] as const).find(
    (option) => format[option] !== undefined,
  );
  if (given === undefined) return;
  throw new RelytError(
    'CONFIG_INVALID',
    `${optionNames[given]} is for CSV, but the input is NDJSON.`,
    { hint: `Leave it out, or use ${optionNames.format} csv.` },
  );
}

function jsonColumns(table: TargetTable): ReadonlySet<string> {
  const json = table.columns.filter(({ type }) => isJsonType(type));
  return new Set(json.map(({ name }) => name));
}

async function* sourceBatches<R extends object>(
  batches: AsyncIterable<BatchOf<RecordRows<R>>>,
  skipped: number,
): AsyncGenerator<SourceBatch> {
  for await (const { records: rows, end } of batches) {
    const left = rows.after(skipped - (end.recordCount - rows.length));
    if (left.length === 0) continue;
    yield { records: left, count: left.length, lines: left.lines, end };
  }
}
