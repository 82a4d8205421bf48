/** bit(n) and varbit(n): digits, with the length the column asks for. */

import { counted } from '../../core/figures.ts';
import { asWritten, type Codec } from './codec.ts';
import { Refusal } from './refusal.ts';

const BITS = /^b?([01]*)$/i;
const HEX = /^x([\da-f]*)$/i;

export function bitStringCodec(name: 'bit' | 'varbit', typmod: number): Codec {
  return {
    canonical: asWritten,
    encode(value) {
      const digits = typeof value === 'string' ? digitsOf(value) : undefined;
      if (digits === undefined) {
        throw new Refusal(value, 'is not a bit string', {
          hint: 'Pass a string of 0 and 1, such as "1010".',
        });
      }
      const { length } = digits;
      if (typmod < 0 || length === typmod || (name === 'varbit' && length < typmod)) return digits;
      const wrong =
        name === 'bit'
          ? `has ${counted(length, 'bit')}, not ${typmod}`
          : `has ${counted(length, 'bit')}, more than ${typmod}`;
      throw new Refusal(value, wrong);
    },
  };
}

function digitsOf(text: string): string | undefined {
  const bits = BITS.exec(text)?.[1];
  if (bits !== undefined) return bits;
  const hex = HEX.exec(text)?.[1];
  if (hex === undefined) return undefined;
  return Array.from(hex, (digit) => Number.parseInt(digit, 16).toString(2).padStart(4, '0')).join(
    '',
  );
}
