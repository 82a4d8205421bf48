/** boolean: `t` or `f`, from true, false, 1, 0 and PostgreSQL's own words. */

import { nativeBoolean } from '../native/integers.ts';
import { asWritten, type Codec } from './codec.ts';
import { isBooleanLetter } from './kept-text.ts';
import { Refusal } from './refusal.ts';

/** Every unique beginning of these words counts, as on the server. */
const WORDS: ReadonlyMap<string, string> = new Map([
  ...beginnings('true', 1, 't'),
  ...beginnings('yes', 1, 't'),
  ['on', 't'],
  ['1', 't'],
  ...beginnings('false', 1, 'f'),
  ...beginnings('no', 1, 'f'),
  ...beginnings('off', 2, 'f'),
  ['0', 'f'],
]);

export function booleanCodec(): Codec {
  return {
    fastPath: 'bool',
    canonical: asWritten,
    encode,
    isKept: isBooleanLetter,
    native: nativeBoolean(encode),
  };
}

function encode(value: unknown): string {
  if (value === true || value === 1 || value === 1n) return 't';
  if (value === false || value === 0 || value === 0n) return 'f';
  const word =
    typeof value === 'string'
      ? WORDS.get(value.replace(/^[ \t-\r]+|[ \t-\r]+$/g, '').toLowerCase())
      : undefined;
  if (word !== undefined) return word;
  throw new Refusal(value, 'is not a boolean', { hint: 'Pass true or false.' });
}

function beginnings(word: string, shortest: number, text: string): [string, string][] {
  return Array.from({ length: word.length - shortest + 1 }, (_, i) => [
    word.slice(0, shortest + i),
    text,
  ]);
}
