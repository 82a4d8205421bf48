import { counted } from '../core/figures.ts';
import { RelytError } from '../errors.ts';
import { FieldRow } from '../records/field-row.ts';
import { type CsvDialectOptions, csvDialect } from './csv-dialect.ts';
import { CsvFieldSplitter } from './csv-fields.ts';
import { CsvFramer } from './csv-framer.ts';
import { OPTION_NAMES, type OptionNames } from './format-options.ts';
import { PlainRecords } from './plain-records.ts';
import type { BatchOf, RecordBatch, RecordPlace } from './record-batch.ts';
import { MAX_RECORD_BYTES } from './record-framer.ts';
import { RecordReader, type RecordReaderOptions } from './record-reader.ts';
import { keptBatches, type RecordRows } from './record-rows.ts';
import { type PlainReader, RowCollector, type RowFormat } from './row-collector.ts';
import type { TextChunk } from './utf8-text.ts';

/** A table has at most 1600 columns; many times that is not a record of one. */
const MOST_FIELDS = 65_536;

export interface CsvOptions extends CsvDialectOptions, RecordReaderOptions {
  /** The first record holds the names of the columns; default true. */
  readonly header?: boolean | undefined;
  /** Fields a record must have, for a file without header; default as many as its first record. With a header, its names count. */
  readonly columnCount?: number | undefined;
  /** How hints call the options. */
  readonly optionNames?: OptionNames | undefined;
}

/** Fields as texts; null is NULL, `''` an empty string. */
type CsvFields = readonly (string | null)[];

type CsvRows = RecordRows<CsvFields>;

export interface CsvRecord extends RecordPlace {
  /** As many as the header has names; null is NULL, `''` an empty string. */
  readonly fields: CsvFields;
}

export interface CsvReader {
  /** The names of the columns; undefined without header, and for an empty input. @throws RelytError INPUT_MALFORMED */
  header(): Promise<readonly string[] | undefined>;
  /** All records, once. Ending the iteration early closes the input. @throws RelytError INPUT_MALFORMED */
  readonly rows: AsyncIterable<BatchOf<CsvRows>>;
  /** The same for callers that keep them: an object for each record. One of the two can be read. */
  readonly records: AsyncIterable<RecordBatch<CsvRecord>>;
}

/**
 * Reads CSV by the rules of PostgreSQL's `COPY … (FORMAT csv)`: the records are those COPY would load, and what
 * COPY refuses is INPUT_MALFORMED. Where it differs, nothing is lost:
 * - a line of only `\.` is data, as it is for COPY since PostgreSQL 18; before, it ended the data;
 * - a UTF-8 byte order mark at the start is skipped; COPY takes it into the first field;
 * - the header must be well-formed, with no name missing and none twice; COPY skips any line.
 *
 * A record with too few or too many fields goes to `onBadRecord`; an unclosed quote, mixed line ends and bytes
 * that are not UTF-8 end the reading.
 *
 * @throws RelytError CONFIG_INVALID for a wrong delimiter, quote, escape or null text
 */
export function readCsv(chunks: AsyncIterable<Buffer>, options: CsvOptions = {}): CsvReader {
  const dialect = csvDialect(options);
  const { maxRecordBytes = MAX_RECORD_BYTES, optionNames = OPTION_NAMES } = options;
  const framer = new CsvFramer(dialect, { maxRecordBytes, optionNames });
  const splitter = new CsvFieldSplitter(dialect);
  if (options.start !== undefined) framer.nextLine = options.start.line;
  const plain = new PlainRecords(dialect);
  const format = new CsvFormat({ framer, splitter, plain, optionNames });
  const reader = new RecordReader(chunks, framer, new RowCollector(format), options);
  let header: Promise<readonly string[] | undefined> | undefined;

  async function readHeader(): Promise<readonly string[] | undefined> {
    if (options.header === false) return undefined;
    const text = await reader.header();
    if (text === undefined) return undefined;
    const names = splitter.split(text, MOST_FIELDS);
    return columnNames(names, framer.recordLine, optionNames);
  }

  async function* batches(): AsyncGenerator<BatchOf<CsvRows>> {
    const names = await readOnce();
    format.fieldCount = names?.length ?? options.columnCount;
    yield* reader.batches();
  }

  function readOnce(): Promise<readonly string[] | undefined> {
    header ??= readHeader();
    return header;
  }

  const rows = batches();
  return { header: readOnce, rows, records: keptBatches(rows, csvRecord) };
}

function csvRecord(row: FieldRow | CsvFields, place: RecordPlace): CsvRecord {
  return { fields: row instanceof FieldRow ? row.fields : row, ...place };
}

interface CsvParts {
  readonly framer: CsvFramer;
  readonly splitter: CsvFieldSplitter;
  readonly plain: PlainRecords;
  readonly optionNames: OptionNames;
}

/** Splits records into fields, and counts these. */
class CsvFormat implements RowFormat<CsvFields> {
  readonly framer: CsvFramer;
  readonly plain: PlainRecords;
  readonly #splitter: CsvFieldSplitter;
  readonly #optionNames: OptionNames;
  fieldCount: number | undefined;

  constructor({ framer, splitter, plain, optionNames }: CsvParts) {
    this.framer = framer;
    this.plain = plain;
    this.#splitter = splitter;
    this.#optionNames = optionNames;
  }

  get boundsPerRow(): number {
    return 2 * (this.fieldCount ?? 0);
  }

  parse(text: string, place: RecordPlace): CsvFields {
    const splitter = this.#splitter;
    const fields = splitter.split(text, this.fieldCount ?? MOST_FIELDS);
    const { count } = splitter;
    if (count > MOST_FIELDS) throw tooManyFields(place, count, this.#optionNames);
    this.fieldCount ??= count;
    if (count === this.fieldCount) return fields;
    throw wrongFieldCount(
      place,
      { expected: this.fieldCount, got: count, text },
      this.#optionNames,
    );
  }

  reader(): PlainReader | undefined {
    const lineEnd = this.framer.plainLineEnd;
    const fields = this.fieldCount;
    if (lineEnd === undefined || fields === undefined) return undefined;
    const shape = { fields, lineEnd };
    return (bytes, from) => this.plain.read(bytes, from, shape);
  }

  rowsOf({ bytes, ascii }: TextChunk): () => FieldRow {
    const { bounds } = this.plain;
    const count = this.fieldCount ?? 0;
    return () => new FieldRow(bytes, bounds, { ascii, count });
  }
}

function tooManyFields(
  { line, recordNumber }: RecordPlace,
  got: number,
  { delimiter }: OptionNames,
): RelytError {
  const message = `Line ${line} (record ${recordNumber}) has ${counted(got, 'field')}, more than ${MOST_FIELDS}.`;
  return new RelytError('INPUT_MALFORMED', message, {
    details: {
      line,
      expected: `at most ${counted(MOST_FIELDS, 'field')}`,
      got: counted(got, 'field'),
    },
    hint: `Check ${delimiter}.`,
  });
}

interface FieldsFound {
  readonly expected: number;
  readonly got: number;
  readonly text: string;
}

function wrongFieldCount(
  place: RecordPlace,
  found: FieldsFound,
  optionNames: OptionNames,
): RelytError {
  const expected = counted(found.expected, 'field');
  const got = counted(found.got, 'field');
  const message = `Line ${place.line} (record ${place.recordNumber}) has ${got}, expected ${expected}.`;
  return new RelytError('INPUT_MALFORMED', message, {
    details: { line: place.line, expected, got },
    hint: hintFor(found, optionNames),
  });
}

function hintFor(found: FieldsFound, { delimiter, quote }: OptionNames): string {
  if (found.text === '') return 'Remove the empty line.';
  if (found.text === '\\.') return 'Remove the line: the end of the file ends the data.';
  return found.got > found.expected
    ? `Quote fields that hold the delimiter, or check ${delimiter} and ${quote}.`
    : `Give every record all fields (an empty one is NULL), or check ${delimiter} and ${quote}.`;
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
