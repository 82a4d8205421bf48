/**
 * Reads records of separated fields from their bytes, as far as there is nothing unusual about them: in CSV fields
 * without quotes, or in a pair of quotes without another one, an escape or a line end between them; in text fields
 * without a backslash except that of the null text. All else is left to framer and splitter.
 */

import { BACKSLASH, CARRIAGE_RETURN, LINE_FEED } from '../core/ascii.ts';
import { NULL_END } from '../records/field-row.ts';
import { FieldBounds, NOT_PLAIN } from './field-bounds.ts';
import { NULL_IN_QUOTES, type NullRules, TEXT_WITHOUT_QUOTES } from './null-rules.ts';

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
  readonly nullRule: number;
}

type PlainLineEnd = 'LF' | 'CRLF';

/** CSV has a quote and an escape, text has neither. */
interface PlainDialect {
  readonly delimiter: string;
  readonly nullText: string;
  readonly quote?: string;
  readonly escape?: string;
}

/** No byte. */
const NO_QUOTE = -1;

export class PlainRecords extends FieldBounds {
  readonly #quote: number;
  /** The null text begins with what no other field can have. */
  readonly #isNullMarked: boolean;
  readonly #nullText: Buffer;
  readonly #kinds: Readonly<Record<PlainLineEnd, Uint8Array>>;
  /** Bytes that end a field in quotes, or make it an unusual one. */
  readonly #endsQuoted: Uint8Array;
  nullRules: NullRules;

  constructor(dialect: PlainDialect) {
    super();
    this.#quote = dialect.quote?.charCodeAt(0) ?? NO_QUOTE;
    this.#nullText = Buffer.from(dialect.nullText);
    this.#isNullMarked = dialect.quote === undefined && this.#nullText[0] === BACKSLASH;
    this.#kinds = { LF: kindsOf(dialect, LINE_FEED), CRLF: kindsOf(dialect, CARRIAGE_RETURN) };
    const { escape: escapeCharacter = '' } = dialect;
    const quoted = [this.#quote, escapeCharacter.charCodeAt(0), LINE_FEED, CARRIAGE_RETURN, 0];
    this.#endsQuoted = tableOf(quoted.map((byte) => [byte, UNUSUAL]));
  }

  /** Adds the bounds of a record of so many fields. @returns where the next one begins, or NOT_PLAIN */
  read(bytes: Buffer, from: number, { fields, lineEnd }: PlainShape): number {
    const kinds = this.#kinds[lineEnd];
    const start = this.used;
    const full = start + 2 * fields;
    const rules = this.nullRules;
    let at = from;
    for (let slot = start; ; slot += 2) {
      const nullRule = rules === undefined ? 0 : (rules[(slot - start) >> 1] ?? 0);
      const end = this.#fieldEnd(bytes, at, { slot, kinds, nullRule });
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
  #fieldEnd(bytes: Buffer, from: number, { slot, kinds, nullRule }: FieldShape): number {
    const bounds = this.bounds;
    if (bytes[from] === this.#quote) {
      const end = endOf(bytes, from + 1, this.#endsQuoted);
      const isNull = (nullRule & NULL_IN_QUOTES) !== 0 && this.#isNull(bytes, from + 1, end);
      bounds[slot] = from + 1;
      bounds[slot + 1] = isNull ? NULL_END : end;
      return bytes[end] === this.#quote ? end + 1 : bytes.length;
    }
    if (this.#isNullMarked && bytes[from] === BACKSLASH) {
      const end = from + this.#nullText.length;
      bounds[slot] = from;
      bounds[slot + 1] = NULL_END;
      return this.#isNull(bytes, from, end) ? end : bytes.length;
    }
    const end = endOf(bytes, from, kinds);
    const isNull = (nullRule & TEXT_WITHOUT_QUOTES) === 0 && this.#isNull(bytes, from, end);
    bounds[slot] = from;
    bounds[slot + 1] = isNull ? NULL_END : end;
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

function kindsOf({ delimiter, quote = '\\' }: PlainDialect, lineEnd: number): Uint8Array {
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
