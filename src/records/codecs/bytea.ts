/** bytea: always written as hex, so that neither bytea_output nor the server's encoding matters. */

import { types } from 'node:util';
import { mapWindows, PIECE_LENGTH, textWindows } from '../../core/text-windows.ts';
import { readHexBytes, writeHex } from '../native/hex.ts';
import { writeBytes } from '../native/texts.ts';
import { asWritten, type Codec, type Overflow } from './codec.ts';
import { isHexBytes } from './kept-text.ts';
import { stageable } from './plain-text.ts';
import { Refusal } from './refusal.ts';

const HEX_PREFIX = '\\x';
const HEX = /^[\da-f]*$/i;
const SPACE = /[ \n\t\r]+/g;
const OCTAL = /^[0-3][0-7]{2}$/;
const BACKSLASH = 0x5c;

export function byteaCodec(): Codec {
  return {
    canonical: asWritten,
    isKept: isHexBytes,
    encode: (value, overflow) =>
      typeof value === 'string' ? fromText(value, overflow) : hexOf(bytesOf(value), overflow),
    native: {
      canonical: true,
      read: readHexBytes,
      write(value, target, at) {
        if (typeof value !== 'string') return writeBytes(bytesOf(value), target, at);
        return value.startsWith(HEX_PREFIX)
          ? writeHex(hexDigits(value), target, at)
          : writeBytes(fromEscapes(value), target, at);
      },
    },
  };
}

function bytesOf(value: unknown): Buffer {
  if (ArrayBuffer.isView(value)) {
    return Buffer.from(value.buffer, value.byteOffset, value.byteLength);
  }
  if (types.isAnyArrayBuffer(value)) return Buffer.from(value);
  throw new Refusal(value, 'is not bytes', {
    hint: 'Pass a Buffer, a typed array, an ArrayBuffer, or a string in PostgreSQL’s hex format "\\x0a1b".',
    preview: false,
  });
}

function hexOf(bytes: Buffer, overflow?: Overflow): string {
  if (overflow === undefined || bytes.length <= PIECE_LENGTH / 2)
    return `\\x${bytes.toString('hex')}`;
  overflow.add('\\x');
  for (let at = 0; at < bytes.length; at += PIECE_LENGTH / 2)
    overflow.add(bytes.toString('hex', at, at + PIECE_LENGTH / 2));
  return '';
}

function fromText(text: string, overflow: Overflow | undefined): string {
  if (text.startsWith(HEX_PREFIX)) return HEX_PREFIX + hexDigits(text).toLowerCase();
  if (overflow !== undefined && text.length > PIECE_LENGTH && !text.includes('\\'))
    return hexOfPlain(stageable(text), overflow);
  return hexOf(fromEscapes(text), overflow);
}

function fromEscapes(text: string): Buffer {
  const bytes = unescaped(stageable(text));
  if (bytes !== undefined) return bytes;
  throw new Refusal(text, 'is not bytes in the escape format: a backslash stands alone', {
    hint: 'Pass a Buffer, or double every backslash.',
    preview: false,
  });
}

function hexOfPlain(text: string, overflow: Overflow): string {
  overflow.add('\\x');
  for (const window of textWindows(text)) overflow.add(Buffer.from(window).toString('hex'));
  return '';
}

/** The digits after the prefix. The string may be long: each copy of it counts (G5). */
function hexDigits(text: string): string {
  // White space may be between pairs of digits, not inside one.
  const digits = (parted(text) ? mapWindows(text, withoutSpace) : text).slice(HEX_PREFIX.length);
  if (digits.length % 2 === 0 && HEX.test(digits)) return digits;
  throw new Refusal(text, 'is not bytes in hex: pairs of hexadecimal digits after \\x', {
    preview: false,
  });
}

function withoutSpace(text: string): string {
  return text.replace(SPACE, '');
}

/** Whether white space is between pairs, and none inside of one. */
function parted(text: string): boolean {
  if (text.search(SPACE) < 0) return false;
  let digits = 0;
  for (let at = 2; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    const isSpace = code === 0x20 || code === 0x09 || code === 0x0a || code === 0x0d;
    if (!isSpace) digits += 1;
    else if (digits % 2 === 1) return false;
  }
  return true;
}

/** Bytes of the escape format: a backslash is doubled or begins three octal digits; undefined where it is alone. */
function unescaped(text: string): Buffer | undefined {
  const bytes = Buffer.from(text);
  let length = bytes.indexOf(BACKSLASH);
  if (length < 0) return bytes;
  for (let at = length; at < bytes.length; ) {
    const byte = bytes[at] ?? 0;
    if (byte !== BACKSLASH) {
      bytes[length++] = byte;
      at += 1;
    } else if (bytes[at + 1] === BACKSLASH) {
      bytes[length++] = BACKSLASH;
      at += 2;
    } else {
      const octal = bytes.toString('latin1', at + 1, at + 4);
      if (!OCTAL.test(octal)) return undefined;
      bytes[length++] = Number.parseInt(octal, 8);
      at += 4;
    }
  }
  return bytes.subarray(0, length);
}
