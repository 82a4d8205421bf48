import { PIECE_LENGTH, windowEnd } from '../core/text-windows.ts';
import type { CsvDialect } from './csv-dialect.ts';
import { FlatText } from './flat-text.ts';
import { NextIndex } from './next-index.ts';
import { NULL_IN_QUOTES, type NullRules, TEXT_WITHOUT_QUOTES } from './null-rules.ts';
import { occurrences } from './occurrences.ts';

/** Splits a complete record (quotes are balanced, no line end at its end) into fields, as COPY does. */
export class CsvFieldSplitter {
  readonly #dialect: CsvDialect;
  readonly #delimiter: NextIndex;
  readonly #quote: NextIndex;
  readonly #escape: NextIndex;
  nullRules: NullRules;
  #record = '';
  #at = 0;
  /** Takes the fields of the record that grow long. */
  #flat: FlatText | undefined;
  #count = 0;
  /** Undefined when a quote is not escaped by doubling it. */
  readonly #doubled: RegExp | undefined;

  constructor(dialect: CsvDialect) {
    this.#dialect = dialect;
    const code = `\\x${dialect.quote.charCodeAt(0).toString(16).padStart(2, '0')}`;
    this.#doubled = dialect.escape === dialect.quote ? new RegExp(code + code, 'g') : undefined;
    this.#delimiter = new NextIndex(dialect.delimiter);
    this.#quote = new NextIndex(dialect.quote);
    this.#escape = new NextIndex(dialect.escape);
  }

  /** How many fields the record split last has. */
  get count(): number {
    return this.#count;
  }

  /**
   * Unquoted text equal to the null text is null, quoted text is not, unless `nullRules` say otherwise.
   * @param most fields that are wanted; of more, which are only counted, one is returned
   */
  split(record: string, most: number): (string | null)[] {
    const { delimiter, quote, nullText } = this.#dialect;
    if (record.includes(quote)) return this.#splitQuoted(record, most);
    const fields: (string | null)[] = record.split(delimiter, most + 1);
    this.#count = fields.length <= most ? fields.length : 1 + occurrences(record, delimiter);
    for (let i = 0; i < fields.length; i++) {
      if (fields[i] === nullText && !this.#keepsText(i)) fields[i] = null;
    }
    return fields;
  }

  #splitQuoted(record: string, most: number): (string | null)[] {
    this.#record = record;
    this.#at = 0;
    this.#delimiter.reset();
    this.#quote.reset();
    this.#escape.reset();
    const fields: (string | null)[] = [];
    this.#count = 0;
    do {
      const field = this.#readField();
      if (this.#count++ <= most) fields.push(field);
    } while (this.#at <= record.length);
    this.#flat = undefined;
    return fields;
  }

  /** One field, and past its delimiter; past the record's end after the last one. */
  #readField(): string | null {
    const record = this.#record;
    let text = '';
    let quoted = false;
    let end = this.#delimiter.in(record, this.#at);
    for (;;) {
      const quote = this.#quote.in(record, this.#at);
      if (quote >= end) break;
      text = this.#grown(text + record.slice(this.#at, quote));
      this.#at = quote + 1;
      text = this.#readQuoted(text);
      quoted = true;
      end = this.#delimiter.in(record, this.#at);
    }
    text += record.slice(this.#at, end);
    this.#at = end + 1;
    if (this.#flat?.isEmpty === false) return this.#endFlat(this.#flat, text);
    if (text !== this.#dialect.nullText) return text;
    return (quoted ? this.#nullsQuoted(this.#count) : !this.#keepsText(this.#count)) ? null : text;
  }

  #nullsQuoted(field: number): boolean {
    return ((this.nullRules?.[field] ?? 0) & NULL_IN_QUOTES) !== 0;
  }

  #keepsText(field: number): boolean {
    return ((this.nullRules?.[field] ?? 0) & TEXT_WITHOUT_QUOTES) !== 0;
  }

  /** Up to the closing quote, and past it; added to the text of the field so far. */
  #readQuoted(before: string): string {
    const { quote, escape: escapeCharacter } = this.#dialect;
    const record = this.#record;
    if (this.#doubled !== undefined && record.length > PIECE_LENGTH)
      return this.#readDoubled(before, this.#doubled);
    let text = before;
    for (;;) {
      text = this.#grown(text);
      const close = this.#quote.in(record, this.#at);
      const escapeAt = this.#escape.in(record, this.#at);
      const next = record.charAt(escapeAt + 1);
      if (escapeAt <= close && (next === quote || next === escapeCharacter)) {
        text += record.slice(this.#at, escapeAt) + next;
        this.#at = escapeAt + 2;
      } else if (escapeAt < close) {
        text += record.slice(this.#at, escapeAt + 1);
        this.#at = escapeAt + 1;
      } else {
        text += record.slice(this.#at, close);
        this.#at = close + 1;
        return text;
      }
    }
  }

  /** The same for a long record: piece by piece, and not quote by quote. */
  #readDoubled(before: string, doubled: RegExp): string {
    const { quote } = this.#dialect;
    const record = this.#record;
    const start = this.#at;
    let close = record.indexOf(quote, start);
    while (record.charAt(close + 1) === quote) close = record.indexOf(quote, close + 2);
    this.#at = close + 1;
    let text = before;
    for (let at = start; at < close; ) {
      let end = Math.min(windowEnd(record, at), close);
      if (partsPair(record, quote, { start: at, end })) end++;
      text = this.#grown(text + record.slice(at, end).replace(doubled, quote));
      at = end;
    }
    return text;
  }

  /** What is to be kept of the text so far: nothing, once it is long. */
  #grown(text: string): string {
    if (text.length < PIECE_LENGTH) return text;
    this.#flat ??= new FlatText(this.#record.length);
    this.#flat.add(text);
    return '';
  }

  #endFlat(flat: FlatText, rest: string): string {
    flat.add(rest);
    return flat.take();
  }
}

/** Whether the piece ends inside of a doubled quote; it begins before or after one. */
function partsPair(
  record: string,
  quote: string,
  { start, end }: { readonly start: number; readonly end: number },
): boolean {
  let at = end;
  while (at > start && record.charAt(at - 1) === quote) at--;
  return (end - at) % 2 === 1;
}
