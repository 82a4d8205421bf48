/** Where one record ends and the next one begins, in text that comes in chunks. */

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
  /** More text. Only when `next` has nothing more. */
  feed(text: string): void;
  /** There is no more text; `next` then returns what is left. */
  finish(): void;
  /** The next complete record without its line end. */
  next(): string | undefined;
}

export const DEFAULT_MAX_RECORD_LENGTH = 64 * 1024 * 1024;

/** A record is longer than the reader may hold. */
export function recordTooLong(place: {
  readonly line: number;
  readonly maxRecordLength: number;
  readonly hint: string;
}): RelytError {
  const { line, maxRecordLength, hint } = place;
  return new RelytError(
    'INPUT_MALFORMED',
    `The record that begins in line ${line} is longer than ${maxRecordLength} characters.`,
    { details: { line, expected: `at most ${maxRecordLength} characters` }, hint },
  );
}
