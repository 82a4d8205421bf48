/** The records of an input, whatever its format, as a BulkProcessor takes them. */

import type { BulkProcessorConfig } from '../config.ts';
import type { TargetTable } from '../core/target-table.ts';
import { RelytError } from '../errors.ts';
import { checkColumns, csvColumnNames, csvMapping } from './csv-columns.ts';
import { readCsv } from './csv-reader.ts';
import { inputFormat } from './format.ts';
import type { InputFlags } from './input-flags.ts';
import type { InputSource } from './input-source.ts';
import { readNdjson } from './ndjson-reader.ts';
import type { InputPosition, OnBadRecord, RecordBatch, RecordPlace } from './record-reader.ts';

export interface SourceBatch {
  readonly records: readonly object[];
  /** Physical line of each record, 1-based. */
  readonly lines: readonly number[];
  /** Just after the last record. */
  readonly end: InputPosition;
}

export interface RecordSource {
  /** The setting `columns` of the load. */
  readonly columns: BulkProcessorConfig['columns'];
  /** Passes over the first `skipped` records, well-formed or not. To be called once. */
  batches(skipped: number): AsyncIterable<SourceBatch>;
}

export interface SourceOptions {
  readonly input: InputSource;
  readonly flags: InputFlags;
  readonly table: TargetTable;
  /** Told of records that cannot be read, as long as others can; also of those passed over. */
  readonly onBadRecord: OnBadRecord;
  /** Where to read the records, when the beginning tells the columns only. */
  readonly rest?: RestOfInput | undefined;
}

/** The same input once more, opened at a place between two records. */
export interface RestOfInput {
  readonly input: InputSource;
  readonly start: InputPosition;
}

/** Reads as much as it takes to know the columns. @throws RelytError CONFIG_INVALID, INPUT_MALFORMED, COLUMN_… */
export async function openRecordSource(options: SourceOptions): Promise<RecordSource> {
  const { input, flags } = options;
  const format = inputFormat({
    format: flags.format,
    fileName: input.name,
    head: await input.peek(),
  });
  return format.kind === 'csv' ? csvSource(options, format.delimiter) : ndjsonSource(options);
}

async function csvSource(options: SourceOptions, delimiter: string): Promise<RecordSource> {
  const { input, flags, table, onBadRecord, rest } = options;
  const positional = flags.header ? undefined : csvColumnNames({ ...namesOf(options) });
  const dialect = {
    delimiter: flags.delimiter ?? delimiter,
    quote: flags.quote,
    nullText: flags.null,
    onBadRecord,
  };
  const columnCount = positional?.length;
  const reader = readCsv(input, { ...dialect, header: flags.header, columnCount });
  const header = await reader.header();
  const names = positional ?? (header && csvColumnNames({ ...namesOf(options), header }));
  const { records } =
    rest === undefined
      ? reader
      : readCsv(rest.input, {
          ...dialect,
          header: false,
          columnCount: names?.length,
          start: rest.start,
        });
  return {
    // An empty input has no header, and no record that would need the columns.
    columns: names && csvMapping(table, names),
    batches: (skipped) => sourceBatches(records, skipped, ({ fields }) => fields),
  };
}

function namesOf({ table, flags }: SourceOptions) {
  return { table, header: undefined, columns: flags.columns };
}

function ndjsonSource({ input, flags, table, ...options }: SourceOptions): RecordSource {
  for (const flag of ['delimiter', 'quote', 'null'] as const) {
    if (flags[flag] === undefined) continue;
    throw new RelytError('CONFIG_INVALID', `--${flag} is for CSV, but the input is NDJSON.`, {
      hint: 'Leave it out, or say --format csv.',
    });
  }
  const columns = flags.columns?.filter((name) => name !== '');
  if (columns !== undefined) checkColumns(table, columns);
  const { rest, onBadRecord } = options;
  const { records } = readNdjson(rest?.input ?? input, {
    jsonColumns: jsonColumns(table),
    onBadRecord,
    start: rest?.start,
  });
  return {
    columns: columns && [...columns],
    batches: (skipped) => sourceBatches(records, skipped, ({ record }) => record),
  };
}

function jsonColumns(table: TargetTable): ReadonlySet<string> {
  const json = table.columns.filter(
    ({ type }) => type.kind === 'base' && (type.name === 'json' || type.name === 'jsonb'),
  );
  return new Set(json.map(({ name }) => name));
}

async function* sourceBatches<R extends RecordPlace>(
  batches: AsyncIterable<RecordBatch<R>>,
  skipped: number,
  recordOf: (record: R) => object,
): AsyncGenerator<SourceBatch> {
  for await (const batch of batches) {
    const records =
      batch.end.recordCount - batch.records.length >= skipped
        ? batch.records
        : batch.records.filter(({ recordNumber }) => recordNumber > skipped);
    if (records.length === 0) continue;
    yield {
      records: records.map(recordOf),
      lines: records.map(({ line }) => line),
      end: batch.end,
    };
  }
}
