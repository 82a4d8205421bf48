/**
 * Reads CSV records from their bytes, as far as there is nothing unusual about them: fields without quotes, or in a
 * pair of quotes without another one, an escape or a line end between them. All else is left to framer and splitter.
 */

import { CARRIAGE_RETURN, LINE_FEED } from '../core/ascii.ts';
import type { CsvDialect } from './csv-dialect.ts';
import { FieldBounds, NOT_PLAIN } from './field-bounds.ts';

/** What a byte outside of quotes is: a part of a field, or one of these. */
const DELIMITER = 1;
const LINE_END = 2;
const UNUSUAL = 3;

/** What all records have in common. */
interface PlainShape {
  readonly fields: number;
  readonly lineEnd: PlainLineEnd;
}

interface FieldShape {
  /** Of its first bound. */
  readonly slot: number;
  readonly kinds: Uint8Array;
}

type PlainLineEnd = 'LF' | 'CRLF';

export class PlainRecords extends FieldBounds {
  readonly #quote: number;
  readonly #nullText: Buffer;
  readonly #kinds: Readonly<Record<PlainLineEnd, Uint8Array>>;
  /** Bytes that end a field in quotes, or make it an unusual one. */
  readonly #endsQuoted: Uint8Array;

  constructor(dialect: CsvDialect) {
    super();
    this.#quote = dialect.quote.charCodeAt(0);
    this.#nullText = Buffer.from(dialect.nullText);
    this.#kinds = { LF: kindsOf(dialect, LINE_FEED), CRLF: kindsOf(dialect, CARRIAGE_RETURN) };
    const quoted = [this.#quote, dialect.escape.charCodeAt(0), LINE_FEED, CARRIAGE_RETURN, 0];
    this.#endsQuoted = tableOf(quoted.map((byte) => [byte, UNUSUAL]));
  }

  /** Adds the bounds of a record of so many fields. @returns where the next one begins, or NOT_PLAIN */
  read(bytes: Buffer, from: number, { fields, lineEnd }: PlainShape): number {
    const kinds = this.#kinds[lineEnd];
    const start = this.used;
    const full = start + 2 * fields;
    let at = from;
    for (let slot = start; ; slot += 2) {
      const end = this.#fieldEnd(bytes, at, { slot, kinds });
      if (end >= bytes.length) return NOT_PLAIN;
      const kind = kinds[bytes[end] as number];
      at = end + 1;
      if (kind === LINE_END && slot + 2 === full) break;
      if (kind !== DELIMITER || slot + 2 === full) return NOT_PLAIN;
    }
    if (lineEnd === 'CRLF' && bytes[at++] !== LINE_FEED) return NOT_PLAIN;
    this.used = full;
    return at;
  }

  /** Notes the bounds of a field. @returns where what ends it should stand; the end of the bytes when it is unusual */
  #fieldEnd(bytes: Buffer, from: number, { slot, kinds }: FieldShape): number {
    const bounds = this.bounds;
    if (bytes[from] === this.#quote) {
      const end = endOf(bytes, from + 1, this.#endsQuoted);
      bounds[slot] = from + 1;
      bounds[slot + 1] = end;
      return bytes[end] === this.#quote ? end + 1 : bytes.length;
    }
    const end = endOf(bytes, from, kinds);
    bounds[slot] = from;
    bounds[slot + 1] = this.#isNull(bytes, from, end) ? -1 : end;
    return end;
  }

  #isNull(bytes: Buffer, from: number, to: number): boolean {
    const text = this.#nullText;
    if (to - from !== text.length) return false;
    for (let i = 0; i < text.length; i += 1) if (bytes[from + i] !== text[i]) return false;
    return true;
  }
}

/** Index of the first byte that is not plain content of a field. */
function endOf(bytes: Buffer, from: number, kinds: Uint8Array): number {
  const { length } = bytes;
  let at = from;
  while (at < length && kinds[bytes[at] as number] === 0) at += 1;
  return at;
}

function kindsOf({ delimiter, quote }: CsvDialect, lineEnd: number): Uint8Array {
  return tableOf([
    [0, UNUSUAL],
    [LINE_FEED, UNUSUAL],
    [CARRIAGE_RETURN, UNUSUAL],
    [quote.charCodeAt(0), UNUSUAL],
    [delimiter.charCodeAt(0), DELIMITER],
    [lineEnd, LINE_END],
  ]);
}

function tableOf(kinds: readonly (readonly [byte: number, kind: number])[]): Uint8Array {
  const table = new Uint8Array(256);
  for (const [byte, kind] of kinds) table[byte] = kind;
  return table;
}
