/**
 * Where records of fields end that are separated by delimiters, by the rules of PostgreSQL's COPY: the first line end
 * decides which kind (LF, CRLF or CR) all others must be. What hides a line end is the matter of each format.
 *
 * Text of a record that is not complete is kept and never scanned again, so a record that spans many chunks
 * costs no more than many short ones.
 */
import { RelytError } from '../errors.ts';
import type { OptionNames } from './format-options.ts';
import { NextIndex } from './next-index.ts';
import { occurrences } from './occurrences.ts';
import { PendingText, type RecordFramer, recordTooLong } from './record-framer.ts';

type LineEnd = 'LF' | 'CRLF' | 'CR';

export interface FramerOptions {
  readonly maxRecordBytes: number;
  readonly optionNames: OptionNames;
  /** Lines to skip before the first record; in them nothing hides a line end. */
  readonly skipLines: number;
}

export abstract class DelimitedFramer implements RecordFramer {
  recordLine = 1;
  nextLine = 1;
  index = 0;

  protected readonly optionNames: OptionNames;
  /** Beginning of the record, from the texts before. */
  protected readonly pending: PendingText;
  protected text = '';
  /** Up to where the text was searched. */
  protected scanned = 0;
  readonly #maxRecordBytes: number;
  readonly #carriageReturn = new NextIndex('\r');
  readonly #lineFeed = new NextIndex('\n');
  #lineEnd: LineEnd | undefined;
  #finished = false;
  #linesToSkip: number;

  constructor({ maxRecordBytes, optionNames, skipLines }: FramerOptions) {
    this.optionNames = optionNames;
    this.pending = new PendingText(maxRecordBytes);
    this.#maxRecordBytes = maxRecordBytes;
    this.#linesToSkip = skipLines;
  }

  /** Index of the line end of the record, from `scanned` on; -1 when the text has none. */
  protected abstract findEnd(): number;
  /** Another text begins. */
  protected abstract enterText(): void;
  /** A record was taken. */
  protected abstract leaveRecord(): void;
  /** Whether a record may hold line ends. */
  protected abstract get spansLines(): boolean;
  /** Why a record may have grown too long. */
  protected abstract get lengthHint(): string;
  /** What is wrong with the end of the input inside of a record; undefined when nothing is. */
  protected abstract get endProblem(): RelytError | undefined;

  get openLine(): number {
    return this.#lineAt(this.text.length);
  }

  get openLength(): number {
    return this.pending.length;
  }

  /**
   * How the next records end when there is nothing unusual about them; undefined in the middle of a record, before the
   * first line end, and where a CR alone ends lines.
   */
  get plainLineEnd(): 'LF' | 'CRLF' | undefined {
    const isBetween = this.pending.length === 0 && this.index === this.text.length;
    return isBetween && this.#lineEnd !== 'CR' ? this.#lineEnd : undefined;
  }

  /** So many records, of one line each, come before the next text. */
  passOver(records: number): void {
    this.nextLine += records;
  }

  feed(text: string): void {
    this.text = text;
    this.#rewind();
  }

  finish(): void {
    this.text = '';
    this.#rewind();
    this.#finished = true;
  }

  next(): string | undefined {
    if (!this.#skipLines()) return undefined;
    const end = this.findEnd();
    if (end < 0) return this.#finished ? this.#takeLast() : this.#keepRest();
    const text = this.pending.text + this.text.slice(this.index, end);
    this.#beginAfter(text, end + (this.#lineEnd === 'CRLF' ? 2 : 1));
    return text;
  }

  /** The next CR or LF at or after `scanned`, the length of the text when there is none. */
  protected nextLineEnd(): number {
    const { text, scanned } = this;
    return Math.min(this.#carriageReturn.in(text, scanned), this.#lineFeed.in(text, scanned));
  }

  /** @throws RelytError INPUT_MALFORMED when it is of another kind than those before */
  protected checkLineEnd(at: number): void {
    const found = this.#lineEndAt(at);
    this.#lineEnd ??= found;
    // In a file with CR line ends, a CRLF is a line end and then a stray LF, which the next record finds.
    if (found === this.#lineEnd || (this.#lineEnd === 'CR' && found === 'CRLF')) return;
    const line = this.#lineAt(at);
    throw new RelytError('INPUT_MALFORMED', this.strayLineEnd(line, found, this.#lineEnd), {
      details: { line, expected: this.#lineEnd, got: found },
      hint: this.strayLineEndHint,
    });
  }

  protected abstract strayLineEnd(line: number, found: LineEnd, usual: LineEnd): string;
  protected abstract get strayLineEndHint(): string;

  /** Physical line of a place in the record, counted from the record's beginning. */
  protected lineOf(index: number): number {
    const text = this.pending.text + this.text.slice(this.index);
    return this.nextLine + this.#countLineEnds(text.slice(0, index));
  }

  /** False when the text ends before the last line to skip does. */
  #skipLines(): boolean {
    while (this.#linesToSkip > 0) {
      const end = this.nextLineEnd();
      const isThere = end < this.text.length;
      const length = isThere && this.#lineEndAt(end) === 'CRLF' ? 2 : 1;
      this.scanned = isThere ? end + length : end;
      this.index = this.scanned;
      if (!isThere) return false;
      this.#linesToSkip--;
      this.nextLine++;
    }
    return true;
  }

  #rewind(): void {
    this.index = 0;
    this.scanned = 0;
    this.#carriageReturn.reset();
    this.#lineFeed.reset();
    this.enterText();
  }

  #lineEndAt(at: number): LineEnd {
    if (this.text.charAt(at) === '\n') return 'LF';
    return this.text.charAt(at + 1) === '\n' ? 'CRLF' : 'CR';
  }

  #keepRest(): undefined {
    this.pending.add(this.text.slice(this.index));
    this.index = this.text.length;
    if (!this.pending.isTooLong) return;
    const maxRecordBytes = this.#maxRecordBytes;
    throw recordTooLong({ line: this.nextLine, maxRecordBytes, hint: this.lengthHint });
  }

  /** The last record of an input that does not end with a line end. */
  #takeLast(): string | undefined {
    const problem = this.endProblem;
    if (problem !== undefined) throw problem;
    if (this.pending.length === 0) return undefined;
    const text = this.pending.text;
    this.#beginAfter(text, 0);
    return text;
  }

  #beginAfter(text: string, index: number): void {
    this.recordLine = this.nextLine;
    this.nextLine += 1 + (this.spansLines ? this.#countLineEnds(text) : 0);
    this.pending.clear();
    this.leaveRecord();
    this.index = index;
    this.scanned = index;
  }

  #lineAt(index: number): number {
    const text = this.pending.text + this.text.slice(this.index, index);
    return this.nextLine + this.#countLineEnds(text);
  }

  /** Hidden line ends are physical lines too: LF, or CR in an input that uses CR. */
  #countLineEnds(text: string): number {
    const usesCr = this.#lineEnd === undefined ? !text.includes('\n') : this.#lineEnd === 'CR';
    return occurrences(text, usesCr ? '\r' : '\n');
  }
}
