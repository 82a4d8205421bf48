/** smallint, integer, bigint and oid: exact decimal text, range checked. */

import { nativeInteger } from '../native/integers.ts';
import { asWritten, type Codec } from './codec.ts';
import { isIntegerOf } from './kept-text.ts';
import { Refusal } from './refusal.ts';

interface IntegerRange {
  readonly low: bigint;
  readonly high: bigint;
}

const RANGES = {
  int2: { low: -32_768n, high: 32_767n },
  int4: { low: -2_147_483_648n, high: 2_147_483_647n },
  int8: { low: -(2n ** 63n), high: 2n ** 63n - 1n },
  oid: { low: 0n, high: 4_294_967_295n },
} as const satisfies Record<string, IntegerRange>;

export type IntegerName = keyof typeof RANGES;

/** Integers of at most this many digits are in range. */
const PLAIN_DIGITS = { int2: 4, int4: 9, int8: 18 } as const;

/** The common case in files: canonical already, and short enough to be in range. */
const PLAIN = {
  int2: /^(?:0|-?[1-9]\d{0,3})$/,
  int4: /^(?:0|-?[1-9]\d{0,8})$/,
  int8: /^(?:0|-?[1-9]\d{0,17})$/,
  oid: /^(?:0|[1-9]\d{0,8})$/,
} as const satisfies Record<IntegerName, RegExp>;

/** White space is what C's isspace calls so; underscores and 0x, 0o, 0b are PostgreSQL 16's. */
const DECIMAL = /^[ \t-\r]*([+-]?)(\d+(?:_\d+)*)[ \t-\r]*$/;
const PREFIXED = /^[ \t-\r]*([+-]?)(0x(?:_?[\da-f])+|0o(?:_?[0-7])+|0b(?:_?[01])+)[ \t-\r]*$/i;
/** No integer of PostgreSQL needs more; longer texts are refused before BigInt spends time on them. */
const MOST_DIGITS = 200;

export function integerCodec(name: IntegerName): Codec {
  const range: IntegerRange = RANGES[name];
  const plain: RegExp = PLAIN[name];
  const low = Number(range.low);
  const high = Number(range.high);
  const encode = (value: unknown): string => {
    if (typeof value === 'number') {
      if (Number.isSafeInteger(value) && value >= low && value <= high) return `${value}`;
      throw new Refusal(value, wrongNumber(value, range), numberHint(value));
    }
    if (typeof value === 'bigint') return inRange(value, value, range);
    if (typeof value === 'string') {
      if (plain.test(value)) return value;
      return name === 'oid' ? oidText(value, range) : integerText(value, range);
    }
    throw new Refusal(value, 'is not an integer', {
      hint: 'Pass a number, a bigint, or a string of digits.',
    });
  };
  // An oid has neither: its text may be passed on as it came.
  if (name === 'oid') return { encode };
  return {
    encode,
    isKept: isIntegerOf(PLAIN_DIGITS[name]),
    canonical: asWritten,
    fastPath: name,
    native: nativeInteger(name, encode),
  };
}

/**
 * PostgreSQL 16 reads `012` as octal where older ones read decimal, so such texts are the server's to
 * read. A negative oid is the 32-bit complement.
 */
function oidText(value: string, range: IntegerRange): string {
  const digits = /^[ \t-\r]*(-?)([1-9]\d{0,9}|0)[ \t-\r]*$/.exec(value);
  if (digits === null) {
    if (/^[ \t-\r]*[+-]?[\da-fx]+[ \t-\r]*$/i.test(value)) return value;
    throw new Refusal(value, 'is not an integer');
  }
  const integer = BigInt(`${digits[1]}${digits[2]}`);
  const isComplement = integer < 0n && integer >= -2_147_483_648n;
  return inRange(isComplement ? BigInt.asUintN(32, integer) : integer, value, range);
}

function integerText(value: string, range: IntegerRange): string {
  const match = DECIMAL.exec(value) ?? PREFIXED.exec(value);
  const [, sign = '', digits = ''] = match ?? [];
  if (match === null) throw new Refusal(value, 'is not an integer');
  const significant = digits.replaceAll('_', '').replace(/^0+(?=\d)/, '');
  if (significant.length > MOST_DIGITS) throw new Refusal(value, outOfRange(range));
  const magnitude = BigInt(significant.toLowerCase());
  return inRange(sign === '-' ? -magnitude : magnitude, value, range);
}

function inRange(integer: bigint, value: unknown, range: IntegerRange): string {
  if (integer >= range.low && integer <= range.high) return integer.toString();
  throw new Refusal(value, outOfRange(range));
}

function outOfRange(range: IntegerRange): string {
  return `is outside ${range.low} … ${range.high}`;
}

function wrongNumber(value: number, range: IntegerRange): string {
  if (!Number.isInteger(value)) return 'is not an integer';
  if (value < Number(range.low) || value > Number(range.high)) return outOfRange(range);
  return 'is beyond Number.MAX_SAFE_INTEGER, so its last digits are not to be trusted';
}

function numberHint(value: number): { readonly hint?: string } {
  return Number.isInteger(value) && !Number.isSafeInteger(value)
    ? { hint: 'Pass large integers as bigint or as a string of digits.' }
    : {};
}
