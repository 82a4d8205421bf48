/** Where one record ends and the next one begins, in text that comes in chunks. */

import { counted } from '../core/figures.ts';
import { RelytError } from '../errors.ts';

/** Finds where records begin and end. Its errors are fatal: after one, nothing more can be read. */
export interface RecordFramer {
  /** Physical line where the record returned last begins. */
  readonly recordLine: number;
  /** Physical line where the record after it begins. */
  readonly nextLine: number;
  /** Physical line at the end of all text fed so far. */
  readonly openLine: number;
  /** Index, in the text fed last, just after the record returned last. */
  readonly index: number;
  /** Characters of a record whose end is in a later text. */
  readonly openLength: number;
  /** More text. Only when `next` has nothing more. */
  feed(text: string): void;
  /** There is no more text; `next` then returns what is left. */
  finish(): void;
  /** The next complete record without its line end. */
  next(): string | undefined;
}

/** What comes of a record takes up to six times as much, which still fits into a heap of 512 MB. */
export const MAX_RECORD_BYTES = 64 * 1024 * 1024;

/** The beginning of a record whose end is in a later text. */
export class PendingText {
  readonly #maxBytes: number;
  #text = '';
  #bytes = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  get text(): string {
    return this.#text;
  }

  get length(): number {
    return this.#text.length;
  }

  /** True when the record is too long for a reader to hold. */
  get isTooLong(): boolean {
    return this.#bytes > this.#maxBytes;
  }

  add(text: string): void {
    this.#text += text;
    this.#bytes += Buffer.byteLength(text);
  }

  clear(): void {
    this.#text = '';
    this.#bytes = 0;
  }
}

/** A record is longer than the reader may hold. */
export function recordTooLong(place: {
  readonly line: number;
  readonly maxRecordBytes: number;
  readonly hint: string;
}): RelytError {
  const { line, maxRecordBytes, hint } = place;
  const most = `${counted(maxRecordBytes, 'byte')}`;
  return new RelytError(
    'INPUT_MALFORMED',
    `The record that begins in line ${line} is longer than ${most}.`,
    { details: { line, expected: `at most ${most}` }, hint },
  );
}
