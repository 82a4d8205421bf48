import { JsonFault } from '../core/json-tokens.ts';
import { RelytError } from '../errors.ts';
import type { FieldRow } from '../records/field-row.ts';
import { NamedRow } from '../records/named-row.ts';
import { JsonArrayFramer } from './json-array-framer.ts';
import { type JsonRecord, JsonScanner, type ScannedValue } from './json-scanner.ts';
import { LineFramer, NOT_NDJSON_HINT } from './line-framer.ts';
import { PlainObjects } from './plain-objects.ts';
import type { BatchOf, RecordBatch, RecordPlace } from './record-batch.ts';
import { MAX_RECORD_BYTES } from './record-framer.ts';
import { RecordReader, type RecordReaderOptions } from './record-reader.ts';
import { keptBatches, type RecordRows } from './record-rows.ts';
import { type PlainReader, RowCollector, type RowFormat } from './row-collector.ts';
import type { TextChunk } from './utf8-text.ts';

export interface NdjsonOptions extends RecordReaderOptions {
  /** Columns of type json and jsonb: their values stay JSON text, `"a"` with its quotes, 1.10 with its zero. Default none. */
  readonly jsonColumns?: ReadonlySet<string> | undefined;
}

export interface NdjsonRecord extends RecordPlace {
  /**
   * An own property for every key (`__proto__` is a key like any other; nothing is inherited). Strings are decoded,
   * numbers are their text, arrays are arrays, objects inside are JSON text, null is null also in a json column.
   */
  readonly record: JsonRecord;
}

type JsonRows = RecordRows<JsonRecord>;

export interface NdjsonReader {
  /** All records, once. Ending the iteration early closes the input. @throws RelytError INPUT_MALFORMED */
  readonly rows: AsyncIterable<BatchOf<JsonRows>>;
  /** The same for callers that keep them: an object for each record. One of the two can be read. */
  readonly records: AsyncIterable<RecordBatch<NdjsonRecord>>;
}

/**
 * Reads one JSON object a line. Lines end with LF or CRLF; blank ones are skipped.
 *
 * A line that is not one well-formed object, or has a key twice (one value would be lost), goes to `onBadRecord`;
 * a file that is one JSON array (see `readJsonArray`) or one object over several lines, and bytes that are not UTF-8, end the reading.
 * `\u0000` and lone surrogates are legal JSON: they are decoded, and the columns' codecs refuse them.
 */
export function readNdjson(
  chunks: AsyncIterable<Buffer>,
  options: NdjsonOptions = {},
): NdjsonReader {
  const framer = new LineFramer(options.maxRecordBytes ?? MAX_RECORD_BYTES);
  return readObjects(chunks, framer, {
    ...options,
    advice: `Correct the line. ${NOT_NDJSON_HINT}`,
  });
}

/** Reads the elements of one JSON array, each an object, by the same rules. */
export function readJsonArray(
  chunks: AsyncIterable<Buffer>,
  options: NdjsonOptions = {},
): NdjsonReader {
  const framer = new JsonArrayFramer(options.maxRecordBytes ?? MAX_RECORD_BYTES);
  return readObjects(chunks, framer, {
    ...options,
    advice: 'Correct the record: each element is one object.',
  });
}

/** Finds the objects of an input. */
type ObjectFramer = LineFramer | JsonArrayFramer;

function readObjects(
  chunks: AsyncIterable<Buffer>,
  framer: ObjectFramer,
  options: NdjsonOptions & { readonly advice: string },
): NdjsonReader {
  if (options.start !== undefined) framer.continueAt(options.start.line);
  const format = new JsonObjects(framer, options.jsonColumns ?? new Set(), options.advice);
  const rows = new RecordReader(chunks, framer, new RowCollector(format), options).batches();
  return { rows, records: keptBatches(rows, ndjsonRecord) };
}

function ndjsonRecord(row: FieldRow | JsonRecord, place: RecordPlace): NdjsonRecord {
  const record = (row instanceof NamedRow ? row.kept : row) as JsonRecord;
  return { record, ...place };
}

class JsonObjects implements RowFormat<JsonRecord> {
  readonly framer: ObjectFramer;
  readonly plain: PlainObjects;
  readonly #scanner: JsonScanner;
  readonly #read: PlainReader;
  readonly #parse: (json: string) => ScannedValue;
  readonly #advice: string;

  constructor(framer: ObjectFramer, jsonColumns: ReadonlySet<string>, advice: string) {
    this.#advice = advice;
    const plain = new PlainObjects(jsonColumns);
    this.framer = framer;
    this.plain = plain;
    const scanner = new JsonScanner(jsonColumns);
    this.#scanner = scanner;
    this.#parse = (json) => scanner.readText(json);
    this.#read = (bytes, from) => plain.read(bytes, from);
  }

  get boundsPerRow(): number {
    return this.plain.boundsPerRow;
  }

  parse(text: string, place: RecordPlace): JsonRecord {
    try {
      const record = this.#scanner.readRecord(text);
      this.plain.keys.meet(record);
      return record;
    } catch (error) {
      throw error instanceof JsonFault ? malformed(error, place, this.#advice) : error;
    }
  }

  /** The first record is always parsed: it shows the keys, and the framer whether the input is NDJSON at all. */
  reader(isFirst: boolean): PlainReader | undefined {
    const { keys } = this.plain;
    // All rows of a batch have the same fields.
    if (isFirst) keys.renew();
    const isKnown = keys.names.list.length > 0;
    return isKnown && this.framer.isBetweenLines ? this.#read : undefined;
  }

  rowsOf({ bytes, ascii }: TextChunk): () => FieldRow {
    const { bounds, keys } = this.plain;
    const shape = { ascii, names: keys.names, parse: this.#parse };
    return () => new NamedRow(bytes, bounds, shape);
  }
}

function malformed(
  fault: JsonFault,
  { line, recordNumber }: RecordPlace,
  hint: string,
): RelytError {
  const where = `Line ${line} (record ${recordNumber}), character ${fault.index + 1}`;
  return new RelytError('INPUT_MALFORMED', `${where}: ${fault.message}.`, {
    details: { line },
    hint,
  });
}
