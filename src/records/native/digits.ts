/** Numbers as decimal digits in bytes. */

import { MINUS, POINT, ZERO } from '../../core/ascii.ts';

/** Any number of at most this many digits is a safe integer. */
const SAFE_DIGITS = 15;

/** Whether there is at least one byte, and each is a digit. */
export function isDigits(source: Uint8Array, from: number, to: number): boolean {
  for (let i = from; i < to; i += 1) if (digitAt(source, i) > 9) return false;
  return from < to;
}

/**
 * Where the point of a number stands that is digits, and perhaps a point with more of them, without a sign; its end when
 * it has none.
 * @returns -1 for every other text, and for more than `mostWhole` digits before the point
 */
export function pointOf(source: Uint8Array, from: number, to: number, mostWhole: number): number {
  let point = from;
  while (point < to && source[point] !== POINT) point += 1;
  if (point - from > mostWhole || !isDigits(source, from, point)) return -1;
  return point === to || isDigits(source, point + 1, to) ? point : -1;
}

/** More than 9 when no digit is there. */
export function digitAt(source: Uint8Array, at: number): number {
  return ((source[at] as number) - ZERO) >>> 0;
}

/** Writes an integer that is not negative. @returns where its digits end */
export function putDigits(bytes: Uint8Array, at: number, value: number): number {
  let end = at + 1;
  for (let power = 10; value >= power; power *= 10) end += 1;
  let rest = value;
  for (let i = end - 1; i >= at; i -= 1) {
    bytes[i] = ZERO + (rest % 10);
    rest = Math.floor(rest / 10);
  }
  return end;
}

/** An integer of at most fifteen digits, a minus before them or not; NaN for every other text. */
export function safeInteger(source: Uint8Array, from: number, to: number): number {
  const isNegative = source[from] === MINUS;
  const start = isNegative ? from + 1 : from;
  if (start >= to || to - start > SAFE_DIGITS) return Number.NaN;
  let value = 0;
  for (let i = start; i < to; i += 1) {
    const digit = digitAt(source, i);
    if (digit > 9) return Number.NaN;
    value = value * 10 + digit;
  }
  return isNegative && value !== 0 ? -value : value;
}
