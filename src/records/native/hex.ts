/** Hexadecimal digits as bytes. */

import { BACKSLASH, MINUS } from '../../core/ascii.ts';
import { type FieldReader, NO_ROOM, NOT_READ, type TupleTarget } from './native-form.ts';

/** Pairs of hexadecimal digits as bytes. */
export function writeHex(digits: string, { bytes, view, limit }: TupleTarget, at: number): number {
  const from = at + 4;
  const length = digits.length / 2;
  if (from + length > limit) return NO_ROOM;
  bytes.write(digits, from, 'hex');
  view.setInt32(at, length);
  return from + length;
}

export const UUID_LENGTH = 36;
const NO_DIGIT = 0xff;

/** Value of each byte that is a hexadecimal digit. */
const NIBBLES = new Uint8Array(256).fill(NO_DIGIT);
for (let value = 0; value < 16; value += 1) {
  const digit = value.toString(16);
  NIBBLES[digit.charCodeAt(0)] = value;
  NIBBLES[digit.toUpperCase().charCodeAt(0)] = value;
}

const X = 0x78;

/** `\x` and pairs of digits. */
export const readHexBytes: FieldReader = (source, from, to, { bytes, view, limit }, at) => {
  const length = (to - from) / 2 - 1;
  if (!Number.isInteger(length) || source[from] !== BACKSLASH || source[from + 1] !== X)
    return NOT_READ;
  if (length < 0) return NOT_READ;
  let put = at + 4;
  if (put + length > limit) return NO_ROOM;
  for (let i = from + 2; i < to; i += 2) {
    const high = NIBBLES[source[i] as number] as number;
    const low = NIBBLES[source[i + 1] as number] as number;
    if (high + low >= NO_DIGIT) return NOT_READ;
    bytes[put++] = high * 16 + low;
  }
  view.setInt32(at, length);
  return put;
};

/** A uuid in its standard form. */
export const readUuid: FieldReader = (source, from, to, { bytes, view, limit }, at) => {
  if (to - from !== UUID_LENGTH) return NOT_READ;
  if (at + 20 > limit) return NO_ROOM;
  let put = at + 4;
  for (let i = from; i < to; i += 2) {
    if (isHyphenAt(i - from) && source[i++] !== MINUS) return NOT_READ;
    const high = NIBBLES[source[i] as number] as number;
    const low = NIBBLES[source[i + 1] as number] as number;
    if (high + low >= NO_DIGIT) return NOT_READ;
    bytes[put++] = high * 16 + low;
  }
  view.setInt32(at, 16);
  return put;
};

/** Whether a hyphen is at this index of a uuid. */
export function isHyphenAt(index: number): boolean {
  return index === 8 || index === 13 || index === 18 || index === 23;
}
