/**
 * Where CSV records end, by the rules of PostgreSQL's COPY: a quote anywhere toggles quoting, line ends count
 * only outside quotes, and the first one decides which kind (LF, CRLF or CR) all others must be.
 *
 * Text of a record that is not complete is kept and never scanned again, so a record that spans many chunks
 * costs no more than many short ones.
 */
import { RelytError } from '../errors.ts';
import type { CsvDialect } from './csv-dialect.ts';
import type { OptionNames } from './format-options.ts';
import { NextIndex } from './next-index.ts';
import { PendingText, type RecordFramer, recordTooLong } from './record-framer.ts';

type LineEnd = 'LF' | 'CRLF' | 'CR';

interface FramerOptions {
  readonly maxRecordBytes: number;
  readonly optionNames: OptionNames;
}

export class CsvFramer implements RecordFramer {
  recordLine = 1;
  nextLine = 1;
  index = 0;

  readonly #options: FramerOptions;
  readonly #quote: NextIndex;
  /** Undefined when the escape is the quote: then toggling is all there is to it. */
  readonly #escape: NextIndex | undefined;
  readonly #escapable: string;
  readonly #carriageReturn = new NextIndex('\r');
  readonly #lineFeed = new NextIndex('\n');

  #text = '';
  /** Beginning of the record, from the texts before. */
  readonly #pending: PendingText;
  #scanned = 0;
  #inQuotes = false;
  #afterEscape = false;
  /** Where the record's last quote opened, counted from the record's beginning; -1: no quote in it. */
  #quoteOpened = -1;
  #lineEnd: LineEnd | undefined;
  #finished = false;

  constructor(dialect: CsvDialect, options: FramerOptions) {
    this.#options = options;
    this.#pending = new PendingText(options.maxRecordBytes);
    this.#quote = new NextIndex(dialect.quote);
    this.#escape = dialect.escape === dialect.quote ? undefined : new NextIndex(dialect.escape);
    this.#escapable = dialect.quote + dialect.escape;
  }

  get openLine(): number {
    return this.#lineAt(this.#text.length);
  }

  get openLength(): number {
    return this.#pending.length;
  }

  /**
   * How the next records end when there is nothing unusual about them; undefined in the middle of a record, before the
   * first line end, and where a CR alone ends lines.
   */
  get plainLineEnd(): 'LF' | 'CRLF' | undefined {
    const isBetween = this.#pending.length === 0 && this.index === this.#text.length;
    return isBetween && this.#lineEnd !== 'CR' ? this.#lineEnd : undefined;
  }

  /** So many records, of one line each, come before the next text. */
  passOver(records: number): void {
    this.nextLine += records;
  }

  feed(text: string): void {
    this.#text = text;
    this.#rewind();
  }

  finish(): void {
    this.#text = '';
    this.#rewind();
    this.#finished = true;
  }

  next(): string | undefined {
    const end = this.#findEnd();
    if (end < 0) return this.#finished ? this.#takeLast() : this.#keepRest();
    const text = this.#pending.text + this.#text.slice(this.index, end);
    this.#beginAfter(text, end + (this.#lineEnd === 'CRLF' ? 2 : 1));
    return text;
  }

  #rewind(): void {
    this.index = 0;
    this.#scanned = 0;
    this.#quote.reset();
    this.#escape?.reset();
    this.#carriageReturn.reset();
    this.#lineFeed.reset();
  }

  /** Index of the line end of the record, -1 when the text has none. */
  #findEnd(): number {
    const text = this.#text;
    for (;;) {
      if (this.#inQuotes && !this.#leaveQuotes()) return -1;
      const quote = this.#quote.in(text, this.#scanned);
      const carriageReturn = this.#carriageReturn.in(text, this.#scanned);
      const lineFeed = this.#lineFeed.in(text, this.#scanned);
      const end = Math.min(carriageReturn, lineFeed);
      if (quote < end) {
        this.#inQuotes = true;
        this.#quoteOpened = this.#pending.length + quote - this.index;
        this.#scanned = quote + 1;
        continue;
      }
      this.#scanned = end;
      if (end === text.length) return -1;
      this.#checkLineEnd(end);
      return end;
    }
  }

  /** Goes past the closing quote; false when the text ends before it. */
  #leaveQuotes(): boolean {
    const text = this.#text;
    if (this.#afterEscape && text !== '') {
      this.#afterEscape = false;
      if (this.#escapable.includes(text.charAt(0))) this.#scanned = 1;
    }
    for (;;) {
      const close = this.#quote.in(text, this.#scanned);
      const escapeAt = this.#escape?.in(text, this.#scanned) ?? text.length;
      if (escapeAt < close) {
        this.#scanned = escapeAt + 1;
        if (this.#scanned === text.length) this.#afterEscape = true;
        else if (this.#escapable.includes(text.charAt(this.#scanned))) this.#scanned++;
        continue;
      }
      this.#scanned = close;
      if (close === text.length) return false;
      this.#inQuotes = false;
      this.#scanned++;
      return true;
    }
  }

  #checkLineEnd(at: number): void {
    const found = this.#lineEndAt(at);
    this.#lineEnd ??= found;
    // In a file with CR line ends, a CRLF is a line end and then a stray LF, which the next record finds.
    if (found === this.#lineEnd || (this.#lineEnd === 'CR' && found === 'CRLF')) return;
    const line = this.#lineAt(at);
    throw new RelytError(
      'INPUT_MALFORMED',
      `Line ${line} has an unquoted ${found} line end, but the lines before it end with ${this.#lineEnd}.`,
      {
        details: { line, expected: this.#lineEnd, got: found },
        hint: 'Give all lines the same line end, and quote fields that hold one.',
      },
    );
  }

  #lineEndAt(at: number): LineEnd {
    if (this.#text.charAt(at) === '\n') return 'LF';
    return this.#text.charAt(at + 1) === '\n' ? 'CRLF' : 'CR';
  }

  #keepRest(): undefined {
    this.#pending.add(this.#text.slice(this.index));
    this.index = this.#text.length;
    const { maxRecordBytes, optionNames } = this.#options;
    if (!this.#pending.isTooLong) return;
    const hint = this.#inQuotes
      ? `Close the quote opened in line ${this.#quoteLine()}, or check ${optionNames.quote}.`
      : 'Check that the input is CSV, and its line ends.';
    throw recordTooLong({ line: this.nextLine, maxRecordBytes, hint });
  }

  /** The last record of an input that does not end with a line end. */
  #takeLast(): string | undefined {
    if (this.#inQuotes) {
      const line = this.#quoteLine();
      throw new RelytError('INPUT_MALFORMED', `The quote opened in line ${line} is never closed.`, {
        details: { line, expected: 'a closing quote', got: 'the end of the input' },
        hint: `Close the quote, or check ${this.#options.optionNames.quote}.`,
      });
    }
    if (this.#pending.length === 0) return undefined;
    const text = this.#pending.text;
    this.#beginAfter(text, 0);
    return text;
  }

  #beginAfter(text: string, index: number): void {
    this.recordLine = this.nextLine;
    this.nextLine += 1 + (this.#quoteOpened < 0 ? 0 : this.#countLineEnds(text));
    this.#pending.clear();
    this.#quoteOpened = -1;
    this.index = index;
    this.#scanned = index;
  }

  #quoteLine(): number {
    const text = this.#pending.text + this.#text.slice(this.index);
    return this.nextLine + this.#countLineEnds(text.slice(0, this.#quoteOpened));
  }

  #lineAt(index: number): number {
    const text = this.#pending.text + this.#text.slice(this.index, index);
    return this.nextLine + this.#countLineEnds(text);
  }

  /** Quoted line ends are physical lines too: LF, or CR in an input that uses CR. */
  #countLineEnds(text: string): number {
    const usesCr = this.#lineEnd === undefined ? !text.includes('\n') : this.#lineEnd === 'CR';
    const character = usesCr ? '\r' : '\n';
    let count = 0;
    for (let at = text.indexOf(character); at >= 0; at = text.indexOf(character, at + 1)) count++;
    return count;
  }
}
