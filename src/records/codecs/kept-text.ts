/** Which texts of files a codec stages as they are, told from their bytes: of the common forms, the others it sees itself. */

import {
  BACKSLASH,
  MINUS,
  OPEN_BRACE,
  OPEN_BRACKET,
  SMALL_LETTER,
  ZERO,
} from '../../core/ascii.ts';
import { isJsonLine } from '../../core/json-bytes.ts';
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
    const at = from + i;
    if (isHyphenAt(i) ? source[at] !== MINUS : !isSmallHexDigit(source, at)) return false;
  }
  return true;
};

function isSmallHexDigit(source: Uint8Array, at: number): boolean {
  const byte = source[at] as number;
  return digitAt(source, at) <= 9 || (byte >= 0x61 && byte <= 0x66);
}

const X = 0x78;

/** `\x` and pairs of digits, the letters small. */
export const isHexBytes: KeptCheck = (source, from, to) => {
  if ((to - from) % 2 !== 0 || source[from] !== BACKSLASH || source[from + 1] !== X) return false;
  for (let i = from + 2; i < to; i += 1) if (!isSmallHexDigit(source, i)) return false;
  return to - from >= 2;
};

/** What begins like an array or a vector is for the server to judge. */
export const beginsWithBracket: KeptCheck = (source, from, to) =>
  to > from && (source[from] === OPEN_BRACE || source[from] === OPEN_BRACKET);

export const isJsonText: KeptCheck = isJsonLine;

/** Without an escape for what jsonb cannot store: U+0000, or half of a surrogate pair. A whole pair has such halves, too. */
export const isJsonbText: KeptCheck = (source, from, to) =>
  isJsonLine(source, from, to) && !hasOddEscape(source, from, to);

const U = 0x75;
const D = 0x64;

/** Of JSON. */
function hasOddEscape(source: Uint8Array, from: number, to: number): boolean {
  for (let i = from; i < to; i += 1) {
    if (source[i] !== BACKSLASH) continue;
    i += 1;
    if (source[i] !== U) continue;
    const first = source[i + 1] as number;
    if ((first | SMALL_LETTER) === D || (first === ZERO && source[i + 2] === ZERO)) return true;
  }
  return false;
}
