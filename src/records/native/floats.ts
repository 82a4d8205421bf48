/** real and double precision. A text is written natively only where its number is exactly what the server would read. */

import { MINUS, POINT } from '../../core/ascii.ts';
import { digitAt } from './digits.ts';
import {
  FIXED_FIELD_BYTES,
  type FieldReader,
  type NativeForm,
  NOT_READ,
  TextNeededError,
} from './native-form.ts';

/** Decimal digits with an exponent: what strtod and JavaScript round alike. */
const DECIMAL = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i;
/** The significand of a zero. */
const ZERO = /^[+-]?[0.]+(?:e|$)/i;

/** @param encode gives the codec's text of a value, and refuses what the type cannot hold */
export function nativeFloat(
  name: 'float4' | 'float8',
  encode: (value: unknown) => string,
): NativeForm {
  const single = name === 'float4';
  return {
    path: name,
    read: single ? readSingle : readDouble,
    write(value, { view }, at) {
      if (single) {
        view.setInt32(at, 4);
        view.setFloat32(at + 4, singleOf(value, encode(value)));
        return at + 8;
      }
      view.setInt32(at, 8);
      view.setFloat64(at + 4, typeof value === 'number' ? value : numberOf(encode(value)));
      return at + FIXED_FIELD_BYTES;
    },
  };
}

const readDouble: FieldReader = (source, from, to, { view }, at) => {
  const number = plainDecimal(source, from, to);
  if (Number.isNaN(number)) return NOT_READ;
  view.setInt32(at, 8);
  view.setFloat64(at + 4, number);
  return at + FIXED_FIELD_BYTES;
};

const readSingle: FieldReader = (source, from, to, { view }, at) => {
  const number = plainDecimal(source, from, to);
  if (Number.isNaN(number) || !isSingle(number)) return NOT_READ;
  view.setInt32(at, 4);
  view.setFloat32(at + 4, number);
  return at + 8;
};

/** Powers of ten that a double holds exactly. */
const POWERS = Array.from({ length: 23 }, (_, exponent) => 10 ** exponent);

/**
 * The double that digits with a point or without one stand for; NaN for every other text. A significand and a power of ten that
 * are both exact round once, when one is divided by the other, so the quotient is the nearest double.
 */
function plainDecimal(source: Buffer, from: number, to: number): number {
  const isNegative = source[from] === MINUS;
  let significand = 0;
  let digits = 0;
  let point = to;
  for (let i = isNegative ? from + 1 : from; i < to; i += 1) {
    const digit = digitAt(source, i);
    if (digit <= 9) {
      significand = significand * 10 + digit;
      digits += 1;
    } else if (source[i] === POINT && point === to) point = i;
    else return Number.NaN;
  }
  if (digits === 0) return Number.NaN;
  const power = POWERS[Math.max(0, to - point - 1)];
  if (power === undefined || significand > Number.MAX_SAFE_INTEGER)
    return longDecimal(source.toString('latin1', from, to), significand);
  return isNegative ? -(significand / power) : significand / power;
}

/** What is out of range is for the codec. */
function longDecimal(text: string, significand: number): number {
  const number = Number(text);
  const isKept = Number.isFinite(number) && (number !== 0 || significand === 0);
  return isKept ? number : Number.NaN;
}

/** A number that the codec takes rounds to the single it means. */
function singleOf(value: unknown, text: string): number {
  if (typeof value === 'number') return value;
  const number = numberOf(text);
  checkSingle(number);
  return number;
}

/** The double a decimal text stands for; the server judges what is out of range. */
export function numberOf(text: string): number {
  if (!DECIMAL.test(text)) throw new TextNeededError();
  const number = Number(text);
  if (!Number.isFinite(number) || (number === 0 && !ZERO.test(text))) throw new TextNeededError();
  return number;
}

/** Rounding a text to a double first and to a single then is rounding it once, unless the double lies halfway. */
export function checkSingle(number: number): void {
  if (!isSingle(number)) throw new TextNeededError();
}

function isSingle(number: number): boolean {
  const single = Math.fround(number);
  const lost = !Number.isFinite(single) || (single === 0 && number !== 0);
  return !lost && !isHalfway(number);
}

/** True for a double in the middle between two neighbouring singles. */
export function isHalfway(number: number): boolean {
  const single = Math.fround(number);
  if (single === number) return false;
  // As far on the other side: a single as well only if the number is the middle.
  const mirrored = 2 * number - single;
  return Math.fround(mirrored) === mirrored;
}

/** Nearest half-precision number as its 16 bits, ties to even; of a single, as pgvector rounds. */
export function halfBits(single: number): number {
  SINGLE[0] = single;
  const bits = SINGLE_BITS[0] ?? 0;
  const sign = (bits >>> 16) & 0x8000;
  const exponent = ((bits >>> 23) & 0xff) - 112;
  const fraction = bits & 0x7f_ffff;
  if (exponent > 0) {
    // A carry out of the fraction is what raises the exponent.
    const rounded = roundedShift((exponent << 23) | fraction, 13);
    return sign | Math.min(rounded, 0x7c00);
  }
  if (exponent < -10) return sign;
  return sign | roundedShift(fraction | 0x80_0000, 14 - exponent);
}

const SINGLE = new Float32Array(1);
const SINGLE_BITS = new Uint32Array(SINGLE.buffer);

function roundedShift(bits: number, by: number): number {
  const kept = bits >>> by;
  const rest = bits - kept * 2 ** by;
  const half = 2 ** (by - 1);
  return rest > half || (rest === half && (kept & 1) === 1) ? kept + 1 : kept;
}
