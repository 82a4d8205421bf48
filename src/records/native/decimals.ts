/** numeric: digits to the base 10,000, grouped from the decimal point outwards. */

import { ZERO } from '../../core/ascii.ts';
import { type NativeForm, NO_ROOM, TextNeededError, type TupleTarget } from './native-form.ts';
import { decimalReader } from './plain-decimals.ts';

/** Digits on one side of the point beyond these are left to the server, whose limits depend on its version. */
const MOST_DIGITS = 1000;
const DECIMAL = /^([+-]?)(\d*)(?:\.(\d*))?(?:e([+-]?\d{1,4}))?$/i;
const NAN_SIGN = 0xc000;
const NEGATIVE = 0x4000;

/**
 * @param encode the codec's text of a value
 * @param mostWhole digits before the point that it always takes
 */
export function nativeDecimal(
  encode: (value: unknown) => string,
  mostWhole = Number.MAX_SAFE_INTEGER,
): NativeForm {
  return {
    read: decimalReader(mostWhole),
    write: (value, target, at) => writeDecimal(encode(value), target, at),
  };
}

function writeDecimal(text: string, target: TupleTarget, at: number): number {
  if (text === 'NaN')
    return writeNumeric(target, at, { sign: NAN_SIGN, integer: '', fraction: '' });
  const match = DECIMAL.exec(text);
  if (match === null) throw new TextNeededError();
  const [, sign = '', whole = '', part = '', exponent = '0'] = match;
  const { integer, fraction } = shifted(whole, part, Number(exponent));
  if (integer.length > MOST_DIGITS || fraction.length > MOST_DIGITS) throw new TextNeededError();
  return writeNumeric(target, at, { sign: sign === '-' ? NEGATIVE : 0, integer, fraction });
}

interface Digits {
  readonly integer: string;
  readonly fraction: string;
}

/** The digits with the point moved by the exponent; no leading zeros before it. Zeros behind it are its scale. */
function shifted(whole: string, part: string, exponent: number): Digits {
  if (Math.abs(exponent) > MOST_DIGITS) throw new TextNeededError();
  let integer = whole;
  let fraction = part;
  if (exponent > 0) {
    integer += part.slice(0, exponent).padEnd(exponent, '0');
    fraction = part.slice(exponent);
  } else if (exponent < 0) {
    const kept = whole.padStart(-exponent, '0');
    integer = kept.slice(0, kept.length + exponent);
    fraction = kept.slice(kept.length + exponent) + part;
  }
  return { integer: integer.replace(/^0+/, ''), fraction };
}

function writeNumeric(
  { view, limit }: TupleTarget,
  at: number,
  { sign, integer, fraction }: Digits & { readonly sign: number },
): number {
  const before = Math.ceil(integer.length / 4);
  const digits =
    integer.padStart(before * 4, '0') + fraction.padEnd(Math.ceil(fraction.length / 4) * 4, '0');
  const groups = digits.length / 4;
  const start = at + 4 + 8;
  if (start + groups * 2 > limit) return NO_ROOM;
  let first = 0;
  while (first < groups && groupAt(digits, first) === 0) first += 1;
  let last = groups;
  while (last > first && groupAt(digits, last - 1) === 0) last -= 1;
  const count = last - first;
  view.setInt32(at, 8 + count * 2);
  view.setInt16(at + 4, count);
  view.setInt16(at + 6, count === 0 ? 0 : before - 1 - first);
  view.setUint16(at + 8, count === 0 && sign === NEGATIVE ? 0 : sign);
  view.setInt16(at + 10, fraction.length);
  for (let i = 0; i < count; i += 1) view.setInt16(start + i * 2, groupAt(digits, first + i));
  return start + count * 2;
}

function groupAt(digits: string, group: number): number {
  const at = group * 4;
  return (
    (digits.charCodeAt(at) - ZERO) * 1000 +
    (digits.charCodeAt(at + 1) - ZERO) * 100 +
    (digits.charCodeAt(at + 2) - ZERO) * 10 +
    (digits.charCodeAt(at + 3) - ZERO)
  );
}
