/** The fields of a record in COPY's text format: separated by a delimiter, with backslash sequences. */

import { isUtf8 } from 'node:buffer';
import { RelytError } from '../errors.ts';
import { NextIndex } from './next-index.ts';
import type { TextDialect } from './text-dialect.ts';

/** A backslash and what it takes, as COPY reads it: up to three octal digits, x and up to two hex digits, or a character. */
const SEQUENCE = /\\(?:([0-7]{1,3})|x([0-9A-Fa-f]{1,2})|([\s\S]))/g;

const CONTROLS: Readonly<Record<string, string>> = {
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
};

export class TextFieldSplitter {
  readonly #dialect: TextDialect;
  readonly #delimiter: NextIndex;
  readonly #backslash = new NextIndex('\\');
  count = 0;

  constructor(dialect: TextDialect) {
    this.#dialect = dialect;
    this.#delimiter = new NextIndex(dialect.delimiter);
  }

  /**
   * Text equal to the null text, as it stands there, is null.
   * @param most fields that are wanted; of more, which are only counted, one is returned
   * @throws RelytError INPUT_MALFORMED when a sequence is not a character
   */
  split(record: string, most: number): (string | null)[] {
    const { nullText } = this.#dialect;
    this.#delimiter.reset();
    this.#backslash.reset();
    this.count = 0;
    const fields: (string | null)[] = [];
    for (let at = 0; at <= record.length; ) {
      const end = this.#fieldEnd(record, at);
      if (this.count++ <= most) {
        const raw = withoutLoneBackslash(record.slice(at, end));
        fields.push(raw === nullText ? null : unescaped(raw));
      }
      at = end + 1;
    }
    return fields;
  }

  #fieldEnd(record: string, from: number): number {
    let at = from;
    for (;;) {
      const end = this.#delimiter.in(record, at);
      const backslash = this.#backslash.in(record, at);
      if (backslash >= end) return Math.min(end, record.length);
      at = backslash + 2;
    }
  }
}

/** The input may end with one that takes nothing: COPY skips it. */
function withoutLoneBackslash(raw: string): string {
  if (!raw.endsWith('\\')) return raw;
  const backslashes = raw.length - raw.replace(/\\+$/, '').length;
  return backslashes % 2 === 0 ? raw : raw.slice(0, -1);
}

/** In bytes, because a sequence gives a byte: several of them may be one character. */
function unescaped(raw: string): string {
  if (!raw.includes('\\')) return raw;
  const bytes = Buffer.from(raw).toString('latin1').replace(SEQUENCE, unescapedByte);
  const text = Buffer.from(bytes, 'latin1');
  if (isUtf8(text) && !text.includes(0)) return text.toString('utf8');
  throw new RelytError(
    'INPUT_MALFORMED',
    'A backslash sequence gives bytes that are not text in UTF-8.',
    {
      hint: 'Write the bytes of the whole character, or the character itself.',
    },
  );
}

function unescapedByte(_: string, octal?: string, hex?: string, character = ''): string {
  if (octal !== undefined) return String.fromCharCode(Number.parseInt(octal, 8) & 0xff);
  if (hex !== undefined) return String.fromCharCode(Number.parseInt(hex, 16));
  if (character !== '.') return CONTROLS[character] ?? character;
  throw new RelytError('INPUT_MALFORMED', 'The end-of-data marker \\. is not alone on its line.', {
    hint: 'Write a dot without a backslash before it.',
  });
}
