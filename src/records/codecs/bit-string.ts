/** bit(n) and varbit(n): digits, with the length the column asks for. */

import { counted } from '../../core/figures.ts';
import type { Codec } from './codec.ts';
import { Refusal } from './refusal.ts';

const BITS = /^b?([01]*)$/i;
const HEX = /^x([\da-f]*)$/i;

export function bitStringCodec(name: 'bit' | 'varbit', typmod: number): Codec {
  return {
    canonical: bitsOf,
    encode(value) {
      const digits = typeof value === 'string' ? digitsOf(value) : undefined;
      if (digits === undefined) {
        throw new Refusal(value, 'is not a bit string', {
          hint: 'Pass a string of 0 and 1, such as "1010".',
        });
      }
      const { length } = digits;
      if (typmod < 0 || length === typmod || (name === 'varbit' && length < typmod))
        return digits.text;
      const wrong =
        name === 'bit'
          ? `has ${counted(length, 'bit')}, not ${typmod}`
          : `has ${counted(length, 'bit')}, more than ${typmod}`;
      throw new Refusal(value, wrong);
    },
  };
}

interface Digits {
  readonly text: string;
  /** In bits. */
  readonly length: number;
}

/** Hexadecimal digits stay what they are: the server reads them, and they are a quarter of the bits. */
function digitsOf(text: string): Digits | undefined {
  const bits = BITS.exec(text)?.[1];
  if (bits !== undefined) return { text: bits, length: bits.length };
  const hex = HEX.exec(text)?.[1];
  return hex === undefined ? undefined : { text: `x${hex}`, length: 4 * hex.length };
}

/** Equal bits have one text, so that equal keys share a lane. */
function bitsOf(text: string): string {
  return text.startsWith('x') ? text.slice(1).replace(/./g, bitsOfDigit) : text;
}

function bitsOfDigit(digit: string): string {
  return Number.parseInt(digit, 16).toString(2).padStart(4, '0');
}
