/** bytea: always written as hex, so that neither bytea_output nor the server's encoding matters. */

import { types } from 'node:util';
import { asWritten, type Codec } from './codec.ts';
import { stageable } from './plain-text.ts';
import { Refusal } from './refusal.ts';

const HEX = /^[\da-f]*$/i;
/** Escape format: a backslash is doubled or begins three octal digits. */
const ESCAPES = /\\(\\|[0-3][0-7]{2})/g;

export function byteaCodec(): Codec {
  return {
    canonical: asWritten,
    encode(value) {
      if (typeof value === 'string') return fromText(value);
      if (ArrayBuffer.isView(value)) {
        return hexOf(Buffer.from(value.buffer, value.byteOffset, value.byteLength));
      }
      if (types.isAnyArrayBuffer(value)) return hexOf(Buffer.from(value));
      throw new Refusal(value, 'is not bytes', {
        hint: 'Pass a Buffer, a typed array, an ArrayBuffer, or a string in PostgreSQL’s hex format "\\x0a1b".',
        preview: false,
      });
    },
  };
}

function hexOf(bytes: Buffer): string {
  return `\\x${bytes.toString('hex')}`;
}

function fromText(text: string): string {
  if (text.startsWith('\\x')) {
    // White space may stand between pairs of digits, not inside one.
    const runs = text.slice(2).split(/[ \n\t\r]+/);
    if (runs.every((run) => run.length % 2 === 0 && HEX.test(run))) {
      return `\\x${runs.join('').toLowerCase()}`;
    }
    throw new Refusal(text, 'is not bytes in hex: pairs of hexadecimal digits after \\x', {
      preview: false,
    });
  }
  if (text.replace(ESCAPES, '').includes('\\')) {
    throw new Refusal(text, 'is not bytes in the escape format: a backslash stands alone', {
      hint: 'Pass a Buffer, or double every backslash.',
      preview: false,
    });
  }
  return hexOf(unescaped(stageable(text)));
}

function unescaped(text: string): Buffer {
  if (!text.includes('\\')) return Buffer.from(text);
  const pieces: Buffer[] = [];
  let done = 0;
  for (const match of text.matchAll(ESCAPES)) {
    const code = match[1] === '\\' ? 0x5c : Number.parseInt(match[1] ?? '', 8);
    pieces.push(Buffer.from(text.slice(done, match.index)), Buffer.of(code));
    done = match.index + match[0].length;
  }
  pieces.push(Buffer.from(text.slice(done)));
  return Buffer.concat(pieces);
}
