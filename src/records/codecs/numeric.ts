/** numeric and money. Digits are never sent through a JavaScript number unless they came as one. */

import { nativeDecimal } from '../native/decimals.ts';
import type { Codec } from './codec.ts';
import { isDecimalOf } from './kept-text.ts';
import { stageable, withoutTrailing } from './plain-text.ts';
import { Refusal } from './refusal.ts';

const DECIMAL =
  /^[ \t-\r]*([+-]?)(\d+(?:_\d+)*|(?=\.\d))(?:\.(\d+(?:_\d+)*)?)?(?:e([+-]?\d+(?:_\d+)*))?[ \t-\r]*$/i;
const SPECIAL = /^[ \t-\r]*([+-]?)(nan|inf|infinity)[ \t-\r]*$/i;
/** PostgreSQL 16 reads these. */
const PREFIXED = /^[ \t-\r]*([+-]?)(0x(?:_?[\da-f])+|0o(?:_?[0-7])+|0b(?:_?[01])+)[ \t-\r]*$/i;

const HINT = 'Pass a string of digits, a bigint or a number.';

interface Decimal {
  readonly negative: boolean;
  /** No leading and no trailing zero; empty for zero. */
  readonly digits: string;
  /** The value is `digits` × 10^exponent. */
  readonly exponent: number;
}

/**
 * @param typmod precision and scale of the column, -1 when it has none
 */
export function numericCodec(typmod: number): Codec {
  if (typmod < 0) {
    const native = nativeDecimal(numericText);
    return {
      fastPath: 'number',
      encode: numericText,
      isKept: isDecimalOf(Number.MAX_SAFE_INTEGER),
      canonical: canonicalNumeric,
      native,
    };
  }
  const precision = ((typmod - 4) >> 16) & 0xffff;
  // Eleven bits, signed: PostgreSQL 15 allows a negative scale.
  const scale = (((typmod - 4) & 0x7ff) ^ 1024) - 1024;
  const integerDigits = precision - scale;
  const limit = 10 ** integerDigits;
  // The common case in files, and short enough without a closer look.
  const plain = new RegExp(`^-?\\d{1,${Math.max(1, integerDigits)}}(?:\\.\\d+)?$`);
  // No canonical text: the server rounds to the scale, so that two texts may become one key.
  const encode = (value: unknown): string => {
    if (integerDigits > 0 && typeof value === 'string' && plain.test(value)) return value;
    const text = numericText(value);
    if (typeof value === 'number' && Math.abs(value) < limit) return text;
    checkSize(value, text, integerDigits);
    return text;
  };
  const whole = Math.max(0, integerDigits);
  return { encode, isKept: isDecimalOf(whole), native: nativeDecimal(encode, whole) };
}

function numericText(value: unknown): string {
  if (typeof value === 'number' || typeof value === 'bigint') return `${value}`;
  if (typeof value !== 'string') throw new Refusal(value, 'is not a number', { hint: HINT });
  // Servers before PostgreSQL 16 read no underscores.
  if (DECIMAL.test(value)) return value.replaceAll('_', '');
  if (SPECIAL.test(value)) return value;
  const prefixed = PREFIXED.exec(value);
  if (prefixed === null) throw new Refusal(value, 'is not a number', { hint: HINT });
  const [, sign = '', digits = ''] = prefixed;
  return `${sign}${BigInt(digits.replaceAll('_', '').toLowerCase())}`;
}

/** Rounding to the scale never makes a value shorter, so what is too long before it is too long. */
function checkSize(value: unknown, text: string, most: number): void {
  const decimal = decimalOf(text);
  if (decimal === undefined) {
    if (canonicalNumeric(text) === 'nan') return;
    throw new Refusal(value, 'is infinite, which a numeric with a precision cannot hold');
  }
  const digits = decimal.digits.length + decimal.exponent;
  if (decimal.digits !== '' && digits > most) {
    throw new Refusal(value, `has ${digits} digits before the decimal point, more than ${most}`);
  }
}

/** Undefined for NaN and the infinities. */
function decimalOf(text: string): Decimal | undefined {
  const match = DECIMAL.exec(text);
  if (match === null) return undefined;
  const [, sign = '', integer = '', fraction = '', exponent = '0'] = match;
  const fractionDigits = fraction.replaceAll('_', '');
  const all = integer.replaceAll('_', '') + fractionDigits;
  const significant = withoutTrailing(all, '0');
  const digits = significant.replace(/^0+/, '');
  const scale = Number(exponent.replaceAll('_', '')) - fractionDigits.length;
  return {
    negative: sign === '-' && digits !== '',
    digits,
    exponent: digits === '' ? 0 : scale + (all.length - significant.length),
  };
}

function canonicalNumeric(text: string): string {
  const decimal = decimalOf(text);
  if (decimal !== undefined) {
    return `${decimal.negative ? '-' : ''}${decimal.digits}e${decimal.exponent}`;
  }
  const [, sign = '', word = ''] = SPECIAL.exec(text) ?? [];
  const name = word.slice(0, 3).toLowerCase();
  return sign === '-' && name === 'inf' ? '-inf' : name;
}

/**
 * The decimal separator of money is the one of the database's `lc_monetary`: where it is a comma,
 * `12.34` means 1234. So a number with a fraction has no safe text.
 */
export function moneyCodec(): Codec {
  return {
    encode(value) {
      if (typeof value === 'bigint') return value.toString();
      if (typeof value === 'number' && Number.isSafeInteger(value)) return `${value}`;
      if (typeof value === 'string') return stageable(value);
      throw new Refusal(value, 'is not an amount whose text is the same in every locale', {
        hint: "Pass an integer, or a string in the format of the database's lc_monetary.",
      });
    },
  };
}
