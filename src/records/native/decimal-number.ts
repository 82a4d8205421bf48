/** Decimal numbers in bytes, as the doubles and singles that the server makes of them. */

import { MINUS, PLUS, POINT, SMALL_LETTER } from '../../core/ascii.ts';
import { digitAt } from './digits.ts';

const E = 0x65;

/** An exponent of so many digits is far out of range, or has zeros before it. */
const MOST_EXPONENT_DIGITS = 4;

/** Powers of ten, those up to the 22nd exact. */
const POWERS = Array.from({ length: 61 }, (_, exponent) => Number(`1e${exponent}`));
const MOST_EXACT = 22;
/** Of so many digits the significand is as exact as `CLOSE` supposes. */
const MOST_DIGITS = 40;
/**
 * A significand past 2 ** 53 is rounded twice with each further digit, 25 times 2 at most, its power of ten and their product
 * once more: a relative error of less than 2 ** -47.
 */
const CLOSE = 2 ** -46;

/** The number that was scanned last. One object reads one after the other. */
export class DecimalNumber {
  #significand = 0;
  #digits = 0;
  #exponent = 0;
  #isNegative = false;
  #source: Buffer = Buffer.alloc(0);
  #from = 0;
  #to = 0;

  /**
   * Reads the number that begins at `from`: digits, with a point or without one, and perhaps an exponent.
   * @returns where it ends; `from` where none begins
   */
  scan(source: Buffer, from: number, to: number): number {
    const isNegative = source[from] === MINUS;
    let significand = 0;
    let at = isNegative ? from + 1 : from;
    let digits = -at;
    let fraction = 0;
    for (; at < to; at += 1) {
      const digit = digitAt(source, at);
      if (digit <= 9) significand = significand * 10 + digit;
      else if (source[at] === POINT && fraction === 0) fraction = at + 1;
      else break;
    }
    digits += fraction === 0 ? at : at - 1;
    if (digits <= 0) return from;
    this.#significand = significand;
    this.#digits = digits;
    this.#exponent = fraction === 0 ? 0 : fraction - at;
    this.#isNegative = isNegative;
    this.#source = source;
    this.#from = from;
    if (at < to && ((source[at] as number) | SMALL_LETTER) === E) at = this.#scanExponent(at, to);
    this.#to = at;
    return at;
  }

  /** Where it ends. */
  get end(): number {
    return this.#to;
  }

  /** The nearest double; NaN where it is out of range, which is for the codec. */
  get double(): number {
    const significand = this.#significand;
    const exponent = this.#exponent;
    if (significand > Number.MAX_SAFE_INTEGER || Math.abs(exponent) > MOST_EXACT)
      return this.#longDouble();
    // Both are exact, so their quotient or product is rounded once.
    const power = POWERS[Math.abs(exponent)] as number;
    const number = exponent < 0 ? significand / power : significand * power;
    return this.#isNegative ? -number : number;
  }

  /** The nearest single; NaN where that cannot be told for sure. */
  get single(): number {
    const close = this.#closeDouble();
    const single = Math.fround(close * (1 + CLOSE));
    if (single === Math.fround(close * (1 - CLOSE))) return this.#isNegative ? -single : single;
    return singleOf(this.double);
  }

  /** About the number, without its sign; NaN where it is far from what singles hold. */
  #closeDouble(): number {
    const exponent = this.#exponent;
    const power = POWERS[Math.abs(exponent)];
    if (power === undefined || this.#digits > MOST_DIGITS) return Number.NaN;
    const close = exponent < 0 ? this.#significand / power : this.#significand * power;
    return close === 0 || (close > 1e-37 && close < 3e38) ? close : Number.NaN;
  }

  /** From its letter on. @returns the end, which is that of the letter's number where no digit follows */
  #scanExponent(letter: number, to: number): number {
    const source = this.#source;
    const sign = source[letter + 1];
    const start = sign === MINUS || sign === PLUS ? letter + 2 : letter + 1;
    let exponent = 0;
    let at = start;
    while (at < to && digitAt(source, at) <= 9) exponent = exponent * 10 + digitAt(source, at++);
    if (at === start || at - start > MOST_EXPONENT_DIGITS) return letter;
    this.#exponent += sign === MINUS ? -exponent : exponent;
    return at;
  }

  #longDouble(): number {
    const number = Number(this.#source.toString('latin1', this.#from, this.#to));
    const isKept = Number.isFinite(number) && (number !== 0 || this.#significand === 0);
    return isKept ? number : Number.NaN;
  }
}

/** Rounding a string to a double first and to a single then is rounding it once, unless the double lies halfway. */
export function singleOf(number: number): number {
  const single = Math.fround(number);
  const isLost = !Number.isFinite(single) || (single === 0 && number !== 0);
  return isLost || isHalfway(number) ? Number.NaN : single;
}

/** True for a double in the middle between two neighbouring singles. */
export function isHalfway(number: number): boolean {
  const single = Math.fround(number);
  if (single === number) return false;
  // As far on the other side: a single as well only if the number is the middle.
  const mirrored = 2 * number - single;
  return Math.fround(mirrored) === mirrored;
}
