/** Where CSV records end, by the rules of PostgreSQL's COPY: a quote anywhere toggles quoting, and hides line ends. */
import { RelytError } from '../errors.ts';
import type { CsvDialect } from './csv-dialect.ts';
import { DelimitedFramer, type FramerOptions } from './delimited-framer.ts';
import { NextIndex } from './next-index.ts';

export class CsvFramer extends DelimitedFramer {
  readonly #quote: NextIndex;
  /** Undefined when the escape is the quote: then toggling is all there is to it. */
  readonly #escape: NextIndex | undefined;
  readonly #escapable: string;
  #inQuotes = false;
  #afterEscape = false;
  /** Where the record's last quote opened, counted from the record's beginning; -1: no quote in it. */
  #quoteOpened = -1;

  constructor(dialect: CsvDialect, options: FramerOptions) {
    super(options);
    this.#quote = new NextIndex(dialect.quote);
    this.#escape = dialect.escape === dialect.quote ? undefined : new NextIndex(dialect.escape);
    this.#escapable = dialect.quote + dialect.escape;
  }

  protected enterText(): void {
    this.#quote.reset();
    this.#escape?.reset();
  }

  protected leaveRecord(): void {
    this.#quoteOpened = -1;
  }

  protected get spansLines(): boolean {
    return this.#quoteOpened >= 0;
  }

  protected get lengthHint(): string {
    return this.#inQuotes
      ? `Close the quote opened in line ${this.lineOf(this.#quoteOpened)}, or check ${this.optionNames.quote}.`
      : 'Check that the input is CSV, and its line ends.';
  }

  protected get endProblem(): RelytError | undefined {
    if (!this.#inQuotes) return undefined;
    const line = this.lineOf(this.#quoteOpened);
    return new RelytError('INPUT_MALFORMED', `The quote opened in line ${line} is never closed.`, {
      details: { line, expected: 'a closing quote', got: 'the end of the input' },
      hint: `Close the quote, or check ${this.optionNames.quote}.`,
    });
  }

  protected strayLineEnd(line: number, found: string, usual: string): string {
    return `Line ${line} has an unquoted ${found} line end, but the lines before it end with ${usual}.`;
  }

  protected get strayLineEndHint(): string {
    return 'Give all lines the same line end, and quote fields that hold one.';
  }

  protected findEnd(): number {
    const { text } = this;
    for (;;) {
      if (this.#inQuotes && !this.#leaveQuotes()) return -1;
      const quote = this.#quote.in(text, this.scanned);
      const end = this.nextLineEnd();
      if (quote < end) {
        this.#inQuotes = true;
        this.#quoteOpened = this.pending.length + quote - this.index;
        this.scanned = quote + 1;
        continue;
      }
      this.scanned = end;
      if (end === text.length) return -1;
      this.checkLineEnd(end);
      return end;
    }
  }

  /** Goes past the closing quote; false when the text ends before it. */
  #leaveQuotes(): boolean {
    const text = this.text;
    if (this.#afterEscape && text !== '') {
      this.#afterEscape = false;
      if (this.#escapable.includes(text.charAt(0))) this.scanned = 1;
    }
    for (;;) {
      const close = this.#quote.in(text, this.scanned);
      const escapeAt = this.#escape?.in(text, this.scanned) ?? text.length;
      if (escapeAt < close) {
        this.scanned = escapeAt + 1;
        if (this.scanned === text.length) this.#afterEscape = true;
        else if (this.#escapable.includes(text.charAt(this.scanned))) this.scanned++;
        continue;
      }
      this.scanned = close;
      if (close === text.length) return false;
      this.#inQuotes = false;
      this.scanned++;
      return true;
    }
  }
}
