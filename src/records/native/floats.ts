/** real and double precision. A string is written natively only where its number is exactly what the server would read. */

import { DecimalNumber, singleOf } from './decimal-number.ts';
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
        view.setFloat32(at + 4, roundedSingle(value, encode(value)));
        return at + 8;
      }
      view.setInt32(at, 8);
      view.setFloat64(at + 4, typeof value === 'number' ? value : numberOf(encode(value)));
      return at + FIXED_FIELD_BYTES;
    },
  };
}

const decimal = new DecimalNumber();

const readDouble: FieldReader = (source, from, to, { view }, at) => {
  const isNumber = from < to && decimal.scan(source, from, to) === to;
  const number = isNumber ? decimal.double : Number.NaN;
  if (Number.isNaN(number)) return NOT_READ;
  view.setInt32(at, 8);
  view.setFloat64(at + 4, number);
  return at + FIXED_FIELD_BYTES;
};

const readSingle: FieldReader = (source, from, to, { view }, at) => {
  const isNumber = from < to && decimal.scan(source, from, to) === to;
  const number = isNumber ? decimal.single : Number.NaN;
  if (Number.isNaN(number)) return NOT_READ;
  view.setInt32(at, 4);
  view.setFloat32(at + 4, number);
  return at + 8;
};

/** A number that the codec takes rounds to the single it means. */
function roundedSingle(value: unknown, text: string): number {
  if (typeof value === 'number') return value;
  const number = numberOf(text);
  checkSingle(number);
  return number;
}

/** The double a decimal text stands for; the server judges what is out of range. */
function numberOf(text: string): number {
  if (!DECIMAL.test(text)) throw new TextNeededError();
  const number = Number(text);
  if (!Number.isFinite(number) || (number === 0 && !ZERO.test(text))) throw new TextNeededError();
  return number;
}

/** The server judges what it may round otherwise. */
function checkSingle(number: number): void {
  if (Number.isNaN(singleOf(number))) throw new TextNeededError();
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
