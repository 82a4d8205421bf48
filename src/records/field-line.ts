/** The function that writes the fields of a file as a line of the staged CSV, from bytes to bytes. */

import { BACKSLASH, CARRIAGE_RETURN, COMMA, LINE_FEED, QUOTE } from '../core/ascii.ts';
import type { KeptCheck } from './codecs/codec.ts';
import type { FieldWriter } from './column-field.ts';
import { fieldNumber, perNames } from './field-names.ts';
import { type FieldRow, NULL_END } from './field-row.ts';
import { type LongFields, MAX_TEXT_IN_LINE } from './long-fields.ts';
import { putDigits } from './native/digits.ts';
import { NO_ROOM, NOT_READ, type TupleTarget } from './native/native-form.ts';
import { putText } from './native/texts.ts';
import type { TupleFunction } from './tuple-row.ts';

export interface LineColumn {
  /** Name or number of the field. */
  readonly property: string | number;
  /** Undefined where only `write` sees the texts. */
  readonly isKept: KeptCheck | undefined;
  /** Writes the separator and the field of any text. */
  readonly write: FieldWriter;
  readonly nullIsNull: boolean;
}

/** Of the ordinal, the first comma and the line feed. */
const FRAME_BYTES = 20;

/** Bytes for which a field is quoted, wherever they are in it. */
const QUOTED = new Uint8Array(256);
for (const byte of [QUOTE, COMMA, LINE_FEED, CARRIAGE_RETURN]) QUOTED[byte] = 1;

/** @returns a function that gives NOT_READ for a record with a field that is too long for its line */
export function fieldLine(
  columns: readonly LineColumn[],
  longFields: LongFields,
): TupleFunction<FieldRow> {
  const numbersOf = perNames((names) =>
    columns.map(({ property }) => fieldNumber(names, property)),
  );
  return (row, ordinal, target, start) => {
    if (start + FRAME_BYTES > target.limit) return NO_ROOM;
    longFields.start();
    const { bytes, bounds, first } = row;
    const numbers = numbersOf(row);
    let at = putDigits(target.bytes, start, ordinal);
    for (let i = 0; i < columns.length; i += 1) {
      const { isKept, write, nullIsNull } = columns[i] as LineColumn;
      const field = numbers[i] as number;
      const from = bounds[first + 2 * field] as number;
      const to = bounds[first + 2 * field + 1] as number;
      if (to === NULL_END && nullIsNull) at = putComma(target, at);
      else if (to >= 0 && to - from <= MAX_TEXT_IN_LINE && isKept?.(bytes, from, to))
        at = putField(bytes, from, to, target, at);
      else at = putText(write(row.value(field), ordinal), target, at);
      if (longFields.fields.length > 0) return NOT_READ;
      if (at === NO_ROOM) return NO_ROOM;
    }
    if (at >= target.limit) return NO_ROOM;
    target.bytes[at] = LINE_FEED;
    return at + 1;
  };
}

function putComma({ bytes, limit }: TupleTarget, at: number): number {
  if (at >= limit) return NO_ROOM;
  bytes[at] = COMMA;
  return at + 1;
}

/** The separator and a field, quoted where `csvField` quotes it. */
function putField(
  source: Buffer,
  from: number,
  to: number,
  { bytes, limit }: TupleTarget,
  at: number,
): number {
  // A quote becomes two.
  if (at + 3 + 2 * (to - from) > limit) return NO_ROOM;
  bytes[at] = COMMA;
  if (from === to || source[from] === BACKSLASH) return putQuoted(source, from, to, bytes, at + 1);
  let put = at + 1;
  for (let i = from; i < to; i += 1) {
    const byte = source[i] as number;
    if (QUOTED[byte] !== 0) return putQuoted(source, from, to, bytes, at + 1);
    bytes[put++] = byte;
  }
  return put;
}

function putQuoted(source: Buffer, from: number, to: number, bytes: Buffer, at: number): number {
  let put = at;
  bytes[put++] = QUOTE;
  for (let i = from; i < to; i += 1) {
    const byte = source[i] as number;
    if (byte === QUOTE) bytes[put++] = QUOTE;
    bytes[put++] = byte;
  }
  bytes[put++] = QUOTE;
  return put;
}
