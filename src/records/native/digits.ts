/** Numbers as decimal digits in bytes. */

const ZERO = 0x30;
const MINUS = 0x2d;
/** Any number of so many digits is a safe integer. */
const SAFE_DIGITS = 15;

/** Whether there is at least one byte, and each is a digit. */
export function isDigits(source: Uint8Array, from: number, to: number): boolean {
  for (let i = from; i < to; i += 1) if (digitAt(source, i) > 9) return false;
  return from < to;
}

/** More than 9 when no digit stands there. */
export function digitAt(source: Uint8Array, at: number): number {
  return ((source[at] as number) - ZERO) >>> 0;
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
