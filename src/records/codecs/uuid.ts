/** uuid: the forms PostgreSQL reads, written in its own. */

import { readUuid, writeHex } from '../native/hex.ts';
import { asWritten, type Codec } from './codec.ts';
import { isStandardUuid } from './kept-text.ts';
import { Refusal } from './refusal.ts';

const STANDARD = /^[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}$/;
/** A hyphen may follow every group of four digits, braces may be around. */
const ACCEPTED = /^(?:\{((?:[\da-f]{4}-?){7}[\da-f]{4})\}|((?:[\da-f]{4}-?){7}[\da-f]{4}))$/i;

export function uuidCodec(): Codec {
  return {
    encode,
    isKept: isStandardUuid,
    canonical: asWritten,
    native: {
      canonical: true,
      read: readUuid,
      write: (value, target, at) => writeHex(encode(value).replaceAll('-', ''), target, at),
    },
  };
}

function encode(value: unknown): string {
  if (typeof value === 'string') {
    if (STANDARD.test(value)) return value;
    const match = ACCEPTED.exec(value);
    if (match !== null) return standardForm(match[1] ?? match[2] ?? '');
  }
  throw new Refusal(value, 'is not a UUID', {
    hint: 'Pass a string such as "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11".',
  });
}

function standardForm(text: string): string {
  const hex = text.replaceAll('-', '').toLowerCase();
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    hex.slice(12, 16),
    hex.slice(16, 20),
    hex.slice(20),
  ].join('-');
}
