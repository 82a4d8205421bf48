/** Where the records of NDJSON end. */

import { OPEN_BRACE } from '../core/ascii.ts';
import { RelytError } from '../errors.ts';
import { PendingText, type RecordFramer, recordTooLong } from './record-framer.ts';

export const NOT_NDJSON_HINT =
  'Write one object per line, or read one array of objects with the format json.';

/** Every line that is not blank is a record: a line end inside a JSON string is always escaped. */
export class LineFramer implements RecordFramer {
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

  /** Whether the next text begins a line. */
  get isBetweenLines(): boolean {
    return this.#pending.length === 0 && this.index === this.#text.length;
  }

  /** So many records, of one line each, come before the next text. */
  passOver(records: number): void {
    this.nextLine += records;
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
  return line.charCodeAt(0) !== OPEN_BRACE && !/[^ \t\r]/.test(line);
}

/** Says at once that the whole file has another form, instead of refusing each of its lines. */
function refuseDocument(firstLine: string, line: number): void {
  if (!firstLine.startsWith('[') && firstLine !== '{') return;
  const got = firstLine === '{' ? 'a JSON object over several lines' : 'a JSON array';
  throw new RelytError(
    'INPUT_MALFORMED',
    `The input begins with ${got} in line ${line}, expected one JSON object per line.`,
    {
      details: { line, expected: 'one JSON object per line', got },
      hint: NOT_NDJSON_HINT,
    },
  );
}
