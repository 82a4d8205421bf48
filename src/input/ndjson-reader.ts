import { JsonFault } from '../core/json-tokens.ts';
import { RelytError } from '../errors.ts';
import { type JsonRecord, JsonScanner } from './json-scanner.ts';
import type { RecordBatch, RecordPlace } from './record-batch.ts';
import {
  MAX_RECORD_BYTES,
  PendingText,
  type RecordFramer,
  recordTooLong,
} from './record-framer.ts';
import { type RecordCollector, RecordReader, type RecordReaderOptions } from './record-reader.ts';

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

export interface NdjsonReader {
  /** All records, once. Ending the iteration early closes the input. @throws RelytError INPUT_MALFORMED */
  readonly records: AsyncIterable<RecordBatch<NdjsonRecord>>;
}

const NOT_NDJSON_HINT =
  'NDJSON has one object a line; `jq -c .` writes objects so, and `jq -c ".[]"` the elements of an array.';

/**
 * Reads one JSON object a line. Lines end with LF or CRLF; blank ones are passed over.
 *
 * A line that is not one well-formed object, or has a key twice (one value would be lost), goes to `onBadRecord`;
 * a file that is one JSON array or one object over several lines, and bytes that are not UTF-8, end the reading.
 * `\u0000` and lone surrogates are legal JSON: they are decoded, and the columns' codecs refuse them.
 */
export function readNdjson(
  chunks: AsyncIterable<Buffer>,
  options: NdjsonOptions = {},
): NdjsonReader {
  const framer = new LineFramer(options.maxRecordBytes ?? MAX_RECORD_BYTES);
  const scanner = new JsonScanner(options.jsonColumns ?? new Set());
  if (options.start !== undefined) framer.continueAt(options.start.line);
  const reader = new RecordReader(chunks, framer, new ParsedLines(scanner), options);
  return { records: reader.batches() };
}

class ParsedLines implements RecordCollector<readonly NdjsonRecord[]> {
  readonly #scanner: JsonScanner;
  #records: NdjsonRecord[] = [];

  constructor(scanner: JsonScanner) {
    this.#scanner = scanner;
  }

  add(text: string, { line, recordNumber }: RecordPlace): void {
    try {
      this.#records.push({ record: this.#scanner.readRecord(text), line, recordNumber });
    } catch (error) {
      throw error instanceof JsonFault ? malformed(error, { line, recordNumber }) : error;
    }
  }

  take(): readonly NdjsonRecord[] {
    const records = this.#records;
    this.#records = [];
    return records;
  }
}

function malformed(fault: JsonFault, { line, recordNumber }: RecordPlace): RelytError {
  const where = `Line ${line} (record ${recordNumber}), character ${fault.index + 1}`;
  return new RelytError('INPUT_MALFORMED', `${where}: ${fault.message}.`, {
    details: { line },
    hint: `Correct the line. ${NOT_NDJSON_HINT}`,
  });
}

/** Every line that is not blank is a record: a line end inside a JSON string is always escaped. */
class LineFramer implements RecordFramer {
  recordLine = 1;
  nextLine = 1;
  index = 0;

  readonly #maxRecordBytes: number;
  #text = '';
  readonly #pending: PendingText;
  #finished = false;
  #first = true;

  constructor(maxRecordBytes: number) {
    this.#maxRecordBytes = maxRecordBytes;
    this.#pending = new PendingText(maxRecordBytes);
  }

  get openLine(): number {
    return this.nextLine;
  }

  get openLength(): number {
    return this.#pending.length;
  }

  /** In the middle of an input, which so is none of those refused at their beginning. */
  continueAt(line: number): void {
    this.nextLine = line;
    this.#first = false;
  }

  feed(text: string): void {
    this.#text = text;
    this.index = 0;
  }

  finish(): void {
    this.feed('');
    this.#finished = true;
  }

  next(): string | undefined {
    for (let line = this.#nextLine(); line !== undefined; line = this.#nextLine()) {
      if (isBlank(line)) continue;
      if (this.#first) refuseDocument(line.trim(), this.recordLine);
      this.#first = false;
      return line;
    }
    return undefined;
  }

  #nextLine(): string | undefined {
    const end = this.#text.indexOf('\n', this.index);
    if (end < 0) return this.#endOfText();
    const line = this.#pending.text + this.#text.slice(this.index, end);
    this.#beginAfter(end + 1);
    return line;
  }

  #endOfText(): string | undefined {
    this.#pending.add(this.#text.slice(this.index));
    this.index = this.#text.length;
    if (this.#pending.isTooLong) {
      const hint = `Check that the input is NDJSON with LF line ends. ${NOT_NDJSON_HINT}`;
      throw recordTooLong({ line: this.nextLine, maxRecordBytes: this.#maxRecordBytes, hint });
    }
    if (!this.#finished || this.#pending.length === 0) return undefined;
    const line = this.#pending.text;
    this.#beginAfter(0);
    return line;
  }

  #beginAfter(index: number): void {
    this.#pending.clear();
    this.index = index;
    this.recordLine = this.nextLine;
    this.nextLine++;
  }
}

function isBlank(line: string): boolean {
  return line.charCodeAt(0) !== 0x7b && !/[^ \t\r]/.test(line);
}

/** Says at once that the whole file has another form, instead of refusing each of its lines. */
function refuseDocument(firstLine: string, line: number): void {
  if (!firstLine.startsWith('[') && firstLine !== '{') return;
  const got = firstLine === '{' ? 'a JSON object over several lines' : 'a JSON array';
  throw new RelytError(
    'INPUT_MALFORMED',
    `The input begins with ${got} in line ${line}, expected one JSON object a line.`,
    {
      details: { line, expected: 'one JSON object a line', got },
      hint: NOT_NDJSON_HINT,
    },
  );
}
