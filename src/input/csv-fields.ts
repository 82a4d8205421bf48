import type { CsvDialect } from './csv-dialect.ts';
import { NextIndex } from './next-index.ts';

/** Splits a complete record (quotes are balanced, no line end at its end) into fields, as COPY does. */
export class CsvFieldSplitter {
  readonly #dialect: CsvDialect;
  readonly #delimiter: NextIndex;
  readonly #quote: NextIndex;
  readonly #escape: NextIndex;
  #record = '';
  #at = 0;

  constructor(dialect: CsvDialect) {
    this.#dialect = dialect;
    this.#delimiter = new NextIndex(dialect.delimiter);
    this.#quote = new NextIndex(dialect.quote);
    this.#escape = new NextIndex(dialect.escape);
  }

  /** Unquoted text equal to the null text is null; quoted text never is. */
  split(record: string): (string | null)[] {
    const { delimiter, quote, nullText } = this.#dialect;
    if (record.includes(quote)) return this.#splitQuoted(record);
    const fields: (string | null)[] = record.split(delimiter);
    for (let i = 0; i < fields.length; i++) {
      if (fields[i] === nullText) fields[i] = null;
    }
    return fields;
  }

  #splitQuoted(record: string): (string | null)[] {
    this.#record = record;
    this.#at = 0;
    this.#delimiter.reset();
    this.#quote.reset();
    this.#escape.reset();
    const fields: (string | null)[] = [];
    do fields.push(this.#readField());
    while (this.#at <= record.length);
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
      text += record.slice(this.#at, quote);
      this.#at = quote + 1;
      text += this.#readQuoted();
      quoted = true;
      end = this.#delimiter.in(record, this.#at);
    }
    text += record.slice(this.#at, end);
    this.#at = end + 1;
    return !quoted && text === this.#dialect.nullText ? null : text;
  }

  /** Text up to the closing quote, and past it. */
  #readQuoted(): string {
    const { quote, escape: escapeCharacter } = this.#dialect;
    const record = this.#record;
    let text = '';
    for (;;) {
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
}
