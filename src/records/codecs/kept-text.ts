/** Which texts of files a codec stages as they are, told from their bytes: of the common forms, the others it sees itself. */

import { digitAt, isDigits } from '../native/digits.ts';
import type { KeptCheck } from './codec.ts';

const ZERO = 0x30;
const MINUS = 0x2d;
const POINT = 0x2e;
const HYPHEN = 0x2d;

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
    let point = start;
    while (point < to && source[point] !== POINT) point += 1;
    const isWhole = point - start <= mostWhole && isDigits(source, start, point);
    return isWhole && (point === to || isDigits(source, point + 1, to));
  };
}

const T = 0x74;
const F = 0x66;

export const isBooleanLetter: KeptCheck = (source, from, to) =>
  to - from === 1 && (source[from] === T || source[from] === F);

/** The standard form, in small letters. */
export const isStandardUuid: KeptCheck = (source, from, to) => {
  if (to - from !== 36) return false;
  for (let i = 0; i < 36; i += 1) {
    const byte = source[from + i] as number;
    const isHyphen = i === 8 || i === 13 || i === 18 || i === 23;
    const isDigit = digitAt(source, from + i) <= 9 || (byte >= 0x61 && byte <= 0x66);
    if (isHyphen ? byte !== HYPHEN : !isDigit) return false;
  }
  return true;
};
