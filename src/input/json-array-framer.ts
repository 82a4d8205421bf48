/** Where the elements of one JSON array end. What an element holds is not judged here. */

import { RelytError } from '../errors.ts';
import { occurrences } from './occurrences.ts';
import { PendingText, type RecordFramer, recordTooLong } from './record-framer.ts';

/** What comes next, blanks aside. */
type Expected = 'array' | 'first element' | 'element' | 'separator' | 'nothing';

const IN_STRING = /["\\]/g;
const OUTSIDE = /["[\]{},]/g;
const NOT_BLANK = /[^ \t\r\n]/g;

export class JsonArrayFramer implements RecordFramer {
  recordLine = 1;
  nextLine = 1;
  index = 0;
  /** No element is taken from its bytes. */
  readonly isBetweenLines = false;

  readonly #maxRecordBytes: number;
  readonly #pending: PendingText;
  #expected: Expected = 'array';
  #text = '';
  #finished = false;
  /** Of the element: up to where it was searched, its brackets that are open, and whether a string is. */
  #scanned = 0;
  #depth = 0;
  #inString = false;
  #afterBackslash = false;

  constructor(maxRecordBytes: number) {
    this.#maxRecordBytes = maxRecordBytes;
    this.#pending = new PendingText(maxRecordBytes);
  }

  get openLine(): number {
    return this.nextLine + lineFeeds(this.#pending.text + this.#text.slice(this.index));
  }

  get openLength(): number {
    return this.#pending.length;
  }

  /** In the middle of the array, just after an element. */
  continueAt(line: number): void {
    this.nextLine = line;
    this.#expected = 'separator';
  }

  passOver(): void {}

  feed(text: string): void {
    this.#text = text;
    this.index = 0;
    this.#scanned = 0;
  }

  finish(): void {
    this.feed('');
    this.#finished = true;
  }

  next(): string | undefined {
    if (this.#pending.length === 0 && !this.#enterElement()) return this.#endOfText();
    const end = this.#elementEnd();
    if (end < 0) return this.#endOfText();
    const text = this.#pending.text + this.#text.slice(this.index, end);
    this.#pending.clear();
    this.recordLine = this.nextLine;
    this.nextLine += lineFeeds(text);
    this.index = end;
    this.#expected = 'separator';
    return text.trimEnd();
  }

  /** Goes to the beginning of the next element; false when the text has none. */
  #enterElement(): boolean {
    for (;;) {
      const at = this.#passBlanks();
      if (at < 0) return false;
      const character = this.#text.charAt(at);
      if (this.#expected === 'element') return true;
      if (this.#expected === 'first element' && character !== ']') return true;
      this.#expected = this.#after(character);
      this.index = at + 1;
    }
  }

  /** @returns the next character that is not blank, -1 when there is none */
  #passBlanks(): number {
    const at = search(NOT_BLANK, this.#text, this.index);
    const end = at < 0 ? this.#text.length : at;
    this.nextLine += lineFeeds(this.#text.slice(this.index, end));
    this.index = end;
    this.#scanned = end;
    return at;
  }

  #after(character: string): Expected {
    if (this.#expected === 'array' && character === '[') return 'first element';
    if (this.#expected === 'first element' && character === ']') return 'nothing';
    if (this.#expected === 'separator' && character === ']') return 'nothing';
    if (this.#expected === 'separator' && character === ',') return 'element';
    const problem =
      this.#expected === 'nothing'
        ? 'other data follow the JSON array'
        : 'the JSON array does not begin with [';
    throw new RelytError('INPUT_MALFORMED', `Line ${this.nextLine}: ${problem}.`, {
      details: { line: this.nextLine },
      hint: 'Give the records as elements of one JSON array, or one object a line as NDJSON.',
    });
  }

  /** Index of the comma or the bracket after the element; -1 when the text has none. */
  #elementEnd(): number {
    const text = this.#text;
    if (this.#afterBackslash && text !== '') {
      this.#afterBackslash = false;
      this.#scanned = 1;
    }
    for (;;) {
      const at = search(this.#inString ? IN_STRING : OUTSIDE, text, this.#scanned);
      if (at < 0) return -1;
      this.#scanned = at + 1;
      if (this.#inString) this.#passInString(text.charAt(at));
      else if (this.#endsElement(text.charAt(at))) return at;
    }
  }

  #passInString(character: string): void {
    if (character === '"') this.#inString = false;
    else if (this.#scanned === this.#text.length) this.#afterBackslash = true;
    else this.#scanned += 1;
  }

  #endsElement(character: string): boolean {
    if (character === '"') this.#inString = true;
    else if (character === '{' || character === '[') this.#depth += 1;
    else if (this.#depth === 0) return character === '}' ? this.#strayBrace() : true;
    else if (character !== ',') this.#depth -= 1;
    return false;
  }

  #strayBrace(): never {
    const line = this.openLine;
    throw new RelytError('INPUT_MALFORMED', `Near line ${line}: a } closes no object.`, {
      details: { line },
      hint: 'Check the brackets of the record before it.',
    });
  }

  #endOfText(): undefined {
    const text = this.#text;
    this.#pending.add(text.slice(this.index));
    this.index = text.length;
    this.#scanned = text.length;
    if (this.#pending.isTooLong) {
      const hint =
        'Check that the input is one JSON array, and that its strings and brackets are closed.';
      throw recordTooLong({ line: this.nextLine, maxRecordBytes: this.#maxRecordBytes, hint });
    }
    const isWhole = this.#expected === 'nothing' || this.#expected === 'array';
    if (!this.#finished || (isWhole && this.#pending.length === 0)) return undefined;
    throw new RelytError(
      'INPUT_MALFORMED',
      `The JSON array ends in line ${this.openLine} without its ].`,
      {
        details: { line: this.openLine, expected: ']', got: 'the end of the input' },
        hint: 'Check that the file was written and copied to its end.',
      },
    );
  }
}

function search(pattern: RegExp, text: string, from: number): number {
  pattern.lastIndex = from;
  return pattern.exec(text)?.index ?? -1;
}

function lineFeeds(text: string): number {
  return occurrences(text, '\n');
}
