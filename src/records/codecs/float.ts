/** real and double precision: the shortest text that reads back as the same number. */

import { isHalfway } from '../native/decimal-number.ts';
import { nativeFloat } from '../native/floats.ts';
import type { Codec } from './codec.ts';
import { isDecimalOf } from './kept-text.ts';
import { Refusal } from './refusal.ts';

/** Decimal, C99 hexadecimal, and the names of the special values, as strtod reads them. */
const FLOAT =
  /^[ \t-\r]*[+-]?(?:(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?|0x[\da-f]*\.?[\da-f]*(?:p[+-]?\d+)?|nan(?:\(\w*\))?|inf(?:inity)?)[ \t-\r]*$/i;

const HINT = 'Pass a number, or a string such as "1.5", "NaN" or "Infinity".';

export function floatCodec(name: 'float4' | 'float8'): Codec {
  const single = name === 'float4';
  const encode = (value: unknown): string => {
    if (typeof value === 'number') return single ? singleText(value) : numberText(value);
    if (typeof value === 'bigint') return bigintText(value, single);
    if (typeof value !== 'string') throw new Refusal(value, 'is not a number', { hint: HINT });
    if (!FLOAT.test(value)) throw new Refusal(value, 'is not a number', { hint: HINT });
    return value;
  };
  return {
    encode,
    isKept: isDecimalOf(Number.MAX_SAFE_INTEGER),
    fastPath: single ? 'float4' : 'number',
    native: nativeFloat(name, encode),
  };
}

/** `String` drops the sign of a negative zero. */
export function numberText(value: number): string {
  return value === 0 && Object.is(value, -0) ? '-0' : `${value}`;
}

/** Rounding to 24 bits is what `real` is for; becoming infinite or zero is another value. */
function singleText(value: number): string {
  const single = Math.fround(value);
  if (!Number.isFinite(single) && Number.isFinite(value)) {
    throw new Refusal(value, 'is too large for single precision');
  }
  if (single === 0 && value !== 0) {
    throw new Refusal(value, 'is too close to zero for single precision');
  }
  // The server rounds the shortest text of the double, which may lie on one side of a middle.
  return numberText(isHalfway(value) ? single : value);
}

function bigintText(value: bigint, single: boolean): string {
  const nearest = Number(value);
  const rounded = single ? Math.fround(nearest) : nearest;
  if (!Number.isFinite(rounded) || BigInt(rounded) !== value) {
    throw new Refusal(value, 'is a bigint that floating point cannot hold exactly', {
      hint: 'Convert it with Number(value) where rounding is meant.',
    });
  }
  return value.toString();
}
