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
