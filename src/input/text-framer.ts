/** Where records of COPY's text format end: a backslash makes what follows it a part of the record, also a line end. */
import { RelytError } from '../errors.ts';
import { DelimitedFramer } from './delimited-framer.ts';
import { NextIndex } from './next-index.ts';

/** A line of its own that ends the data; what pg_dump writes after a table's rows. */
const END_OF_DATA = '\\.';

export class TextFramer extends DelimitedFramer {
  readonly #backslash = new NextIndex('\\');
  #afterBackslash = false;
  #hasEscapedLineEnd = false;
  /** Line of the end of the data, once it was met. */
  #endLine: number | undefined;

  override next(): string | undefined {
    for (let text = super.next(); text !== undefined; text = super.next()) {
      if (this.#endLine !== undefined && text !== '') throw dataAfterEnd(this.#endLine);
      if (this.#endLine === undefined && text !== END_OF_DATA) return text;
      this.#endLine ??= this.recordLine;
    }
    return undefined;
  }

  /** After the end of the data nothing may be taken for a record. */
  override get plainLineEnd(): 'LF' | 'CRLF' | undefined {
    return this.#endLine === undefined ? super.plainLineEnd : undefined;
  }

  protected enterText(): void {
    this.#backslash.reset();
  }

  protected leaveRecord(): void {
    this.#hasEscapedLineEnd = false;
  }

  protected get spansLines(): boolean {
    return this.#hasEscapedLineEnd;
  }

  protected get lengthHint(): string {
    return 'Check that the input is in the text format of COPY, and its line ends.';
  }

  protected get endProblem(): undefined {
    return undefined;
  }

  protected strayLineEnd(line: number, found: string, usual: string): string {
    return `Line ${line} has a ${found} line end, but the lines before it end with ${usual}.`;
  }

  protected get strayLineEndHint(): string {
    return 'Give all lines the same line end, and write \\r and \\n for those that are data.';
  }

  protected findEnd(): number {
    const { text } = this;
    if (this.#afterBackslash && text !== '') this.#passEscaped(0);
    for (;;) {
      const backslash = this.#backslash.in(text, this.scanned);
      const end = this.nextLineEnd();
      if (backslash < end) {
        this.scanned = backslash + 1;
        this.#afterBackslash = true;
        if (this.scanned === text.length) return -1;
        this.#passEscaped(this.scanned);
        continue;
      }
      this.scanned = end;
      if (end === text.length) return -1;
      this.checkLineEnd(end);
      return end;
    }
  }

  #passEscaped(at: number): void {
    this.#afterBackslash = false;
    this.scanned = at + 1;
    if (/[\r\n]/.test(this.text.charAt(at))) this.#hasEscapedLineEnd = true;
  }
}

function dataAfterEnd(line: number): RelytError {
  return new RelytError(
    'INPUT_MALFORMED',
    `Line ${line} ends the data with ${END_OF_DATA}, but other lines follow.`,
    { details: { line }, hint: 'Remove that line, or what follows it.' },
  );
}
