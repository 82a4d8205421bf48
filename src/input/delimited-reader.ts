/** Reads records of fields that delimiters separate: what CSV and the text format of COPY share. */

import { RelytError } from '../errors.ts';
import { FieldRow } from '../records/field-row.ts';
import {
  DelimitedFormat,
  type DelimitedParts,
  MOST_FIELDS,
  type TextFields,
} from './delimited-format.ts';
import type { OptionNames } from './format-options.ts';
import type { BatchOf, RecordBatch, RecordPlace } from './record-batch.ts';
import { RecordReader, type RecordReaderOptions } from './record-reader.ts';
import { keptBatches, type RecordRows } from './record-rows.ts';
import { RowCollector } from './row-collector.ts';

export interface DelimitedOptions extends RecordReaderOptions {
  /** The first record holds the names of the columns; `ignored`: it is skipped, whatever it holds. */
  readonly header?: boolean | 'ignored' | undefined;
  /** Fields a record must have where no header names them; default as many as the first record. */
  readonly columnCount?: number | undefined;
  /** Lines to skip before the header; default 0. */
  readonly skipLines?: number | undefined;
  /** How hints call the options. */
  readonly optionNames?: OptionNames | undefined;
}

export interface DelimitedRecord extends RecordPlace {
  /** As many as the header has names; null is NULL, `''` an empty string. */
  readonly fields: TextFields;
}

export interface DelimitedReader {
  /** The names of the columns; undefined without header, and for an empty input. @throws RelytError INPUT_MALFORMED */
  header(): Promise<readonly string[] | undefined>;
  /** All records, once. Ending the iteration early closes the input. @throws RelytError INPUT_MALFORMED */
  readonly rows: AsyncIterable<BatchOf<RecordRows<TextFields>>>;
  /** The same with an object for each record, which may be kept. One of the two can be read. */
  readonly records: AsyncIterable<RecordBatch<DelimitedRecord>>;
}

/** @param beforeRecords is called once, after the header */
export function readDelimited(
  chunks: AsyncIterable<Buffer>,
  { parts, ...options }: DelimitedOptions & { readonly parts: DelimitedParts },
  beforeRecords: () => void = () => {},
): DelimitedReader {
  const { framer, splitter, optionNames } = parts;
  if (options.start !== undefined) framer.nextLine = options.start.line;
  const format = new DelimitedFormat(parts);
  const reader = new RecordReader(chunks, framer, new RowCollector(format), options);
  let header: Promise<readonly string[] | undefined> | undefined;

  async function readHeader(): Promise<readonly string[] | undefined> {
    if (options.header === false) return undefined;
    const text = await reader.header();
    if (text === undefined || options.header === 'ignored') return undefined;
    return columnNames(splitter.split(text, MOST_FIELDS), framer.recordLine, optionNames);
  }

  async function* batches(): AsyncGenerator<BatchOf<RecordRows<TextFields>>> {
    const names = await readOnce();
    format.fieldCount = names?.length ?? options.columnCount;
    beforeRecords();
    yield* reader.batches();
  }

  function readOnce(): Promise<readonly string[] | undefined> {
    header ??= readHeader();
    return header;
  }

  const rows = batches();
  return { header: readOnce, rows, records: keptBatches(rows, keptRecord) };
}

function keptRecord(row: FieldRow | TextFields, place: RecordPlace): DelimitedRecord {
  return { fields: row instanceof FieldRow ? row.fields : row, ...place };
}

function columnNames(
  fields: readonly (string | null)[],
  line: number,
  { noHeader }: OptionNames,
): readonly string[] {
  const bad = (problem: string) =>
    new RelytError('INPUT_MALFORMED', `The header in line ${line} ${problem}.`, {
      details: { line },
      hint: `Give every column its own name; if the first line is data, use ${noHeader}.`,
    });
  if (fields.length > MOST_FIELDS) throw bad(`has more than ${MOST_FIELDS} names`);
  const names = fields.map((field) => field ?? '');
  const seen = new Set<string>();
  names.forEach((name, i) => {
    if (name === '') throw bad(`has no name for column ${i + 1}`);
    if (seen.has(name)) throw bad(`has the name ${JSON.stringify(name)} twice`);
    seen.add(name);
  });
  return names;
}
