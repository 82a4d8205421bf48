/** The tokens of a JSON text, one after the other. Strict RFC 8259. */

import { QUOTE } from './ascii.ts';

/** The text is not the JSON that is expected. */
export class JsonFault extends Error {
  /** Index of the offending character; the text's length when it ends too early. */
  readonly index: number;

  constructor(index: number, message: string) {
    super(message);
    this.index = index;
  }
}

const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const ESCAPE_SEQUENCE = /\\(?:u[0-9a-fA-F]{4}|["\\/bfnrt])/y;

const BACKSLASH = 0x5c;

function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x09 || code === 0x0a || code === 0x0d;
}

export class JsonTokens {
  #text = '';
  #at = 0;

  /** Another text begins. */
  begin(text: string): void {
    this.#text = text;
    this.#at = 0;
  }

  /** Index of the next character. */
  get index(): number {
    return this.#at;
  }

  get atEnd(): boolean {
    return this.#at >= this.#text.length;
  }

  /** The next character; NaN at the end of the text. */
  code(): number {
    return this.#text.charCodeAt(this.#at);
  }

  /** The text from an earlier index to the next character. */
  since(index: number): string {
    return this.#text.slice(index, this.#at);
  }

  accept(code: number): boolean {
    if (this.code() !== code) return false;
    this.#at++;
    return true;
  }

  /** LF cannot occur in a line, but is a blank like the others. */
  skipBlanks(): void {
    while (isBlank(this.code())) this.#at++;
  }

  /** A number as it is written, or a word. @throws JsonFault */
  readScalar(): string | boolean | null {
    NUMBER.lastIndex = this.#at;
    if (NUMBER.test(this.#text)) {
      const start = this.#at;
      this.#at = NUMBER.lastIndex;
      return this.#text.slice(start, this.#at);
    }
    if (this.#acceptWord('true')) return true;
    if (this.#acceptWord('false')) return false;
    if (this.#acceptWord('null')) return null;
    throw this.fault('expected a JSON value');
  }

  /** The string that begins here, decoded. @throws JsonFault */
  readString(): string {
    const start = this.#at;
    const escaped = this.skipString();
    // Makes the text at once, without one for each sequence.
    if (escaped) return JSON.parse(this.#text.slice(start, this.#at));
    return this.#text.slice(start + 1, this.#at - 1);
  }

  /** Past the closing quote; true when the string has escape sequences. Valid ones, that is. @throws JsonFault */
  skipString(): boolean {
    let escaped = false;
    for (this.#at++; ; this.#at++) {
      const code = this.code();
      if (code === QUOTE) break;
      if (code === BACKSLASH) {
        escaped = true;
        ESCAPE_SEQUENCE.lastIndex = this.#at;
        if (!ESCAPE_SEQUENCE.test(this.#text)) throw this.fault('expected a valid escape sequence');
        this.#at = ESCAPE_SEQUENCE.lastIndex - 1;
      } else if (!(code >= 0x20)) {
        throw this.fault('expected the rest of a string');
      }
    }
    this.#at++;
    return escaped;
  }

  /** What is wrong with the next character. */
  fault(expected: string): JsonFault {
    const character = this.#text.codePointAt(this.#at);
    const got =
      character === undefined
        ? 'the end of the line'
        : JSON.stringify(String.fromCodePoint(character));
    return new JsonFault(this.#at, `${expected}, got ${got}`);
  }

  #acceptWord(word: string): boolean {
    if (!this.#text.startsWith(word, this.#at)) return false;
    this.#at += word.length;
    return true;
  }
}
