/** Which texts of files a codec stages as they are, told from their bytes: of the common forms, the others it sees itself. */

import { MINUS, ZERO } from '../../core/ascii.ts';
import { digitAt, isDigits, pointOf } from '../native/digits.ts';
import { isHyphenAt, UUID_LENGTH } from '../native/hex.ts';
import type { KeptCheck } from './codec.ts';

export const isAnyText: KeptCheck = () => true;

export function isTextOf(mostBytes: number): KeptCheck {
  return (_source, from, to) => to - from <= mostBytes;
}

export const isFilled: KeptCheck = (_source, from, to) => to > from;

/** Dates, times and their kin: what begins with a digit is for the server to judge. */
export const beginsWithDigit: KeptCheck = (source, from, to) =>
  to > from && digitAt(source, from) <= 9;

/** Without zeros at the beginning, and with so few digits that it is in range. */
export function isIntegerOf(mostDigits: number): KeptCheck {
  return (source, from, to) => {
    const start = source[from] === MINUS ? from + 1 : from;
    if (to - start > mostDigits || !isDigits(source, start, to)) return false;
    return source[start] !== ZERO || to - from === 1;
  };
}

/** Digits, and perhaps a point with more of them. @param mostWhole digits before the point */
export function isDecimalOf(mostWhole: number): KeptCheck {
  return (source, from, to) => {
    const start = source[from] === MINUS ? from + 1 : from;
    return pointOf(source, start, to, mostWhole) >= 0;
  };
}

const T = 0x74;
const F = 0x66;

export const isBooleanLetter: KeptCheck = (source, from, to) =>
  to - from === 1 && (source[from] === T || source[from] === F);

/** The standard form, in small letters. */
export const isStandardUuid: KeptCheck = (source, from, to) => {
  if (to - from !== UUID_LENGTH) return false;
  for (let i = 0; i < UUID_LENGTH; i += 1) {
    const byte = source[from + i] as number;
    const isDigit = digitAt(source, from + i) <= 9 || (byte >= 0x61 && byte <= 0x66);
    if (isHyphenAt(i) ? byte !== MINUS : !isDigit) return false;
  }
  return true;
};
