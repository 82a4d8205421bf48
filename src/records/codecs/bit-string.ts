/** bit(n) and varbit(n): digits, with the length the column asks for. */

import { counted } from '../../core/figures.ts';
import { mapWindows, PIECE_LENGTH, textWindows } from '../../core/text-windows.ts';
import { asWritten, type Codec, type Overflow } from './codec.ts';
import { Refusal } from './refusal.ts';

const BITS = /^b?([01]*)$/i;
const HEX = /^x([\da-f]*)$/i;

export function bitStringCodec(name: 'bit' | 'varbit', typmod: number): Codec {
  return {
    canonical: asWritten,
    encode(value, overflow) {
      const digits = typeof value === 'string' ? digitsOf(value) : undefined;
      if (digits === undefined) {
        throw new Refusal(value, 'is not a bit string', {
          hint: 'Pass a string of 0 and 1, such as "1010".',
        });
      }
      const { length } = digits;
      if (typmod < 0 || length === typmod || (name === 'varbit' && length < typmod))
        return bitsOf(digits, overflow);
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
  readonly hex: boolean;
  /** In bits. */
  readonly length: number;
}

function digitsOf(text: string): Digits | undefined {
  const bits = BITS.exec(text)?.[1];
  if (bits !== undefined) return { text: bits, hex: false, length: bits.length };
  const hex = HEX.exec(text)?.[1];
  return hex === undefined ? undefined : { text: hex, hex: true, length: 4 * hex.length };
}

function bitsOf({ text, hex }: Digits, overflow: Overflow | undefined): string {
  if (!hex) return text;
  const bits = (window: string) => window.replace(/./g, bitsOfDigit);
  if (overflow === undefined || text.length <= PIECE_LENGTH) return mapWindows(text, bits);
  for (const window of textWindows(text)) overflow.add(bits(window));
  return '';
}

function bitsOfDigit(digit: string): string {
  return Number.parseInt(digit, 16).toString(2).padStart(4, '0');
}
