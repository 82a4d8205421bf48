/**
 * Reads one JSON object without losing anything: numbers stay the text they are written as, so that bigint and
 * numeric keep every digit, and values meant for json columns stay JSON. Strict RFC 8259.
 */

/** A number is its text, an object inside is its JSON text. */
export type JsonValue = string | boolean | null | readonly JsonValue[];
export type JsonRecord = Record<string, JsonValue>;

/** Nesting deeper than this is refused; PostgreSQL itself gives up at a few thousand. */
const MAX_DEPTH = 1000;

/** The text is not one JSON object. */
export class JsonFault extends Error {
  /** Index of the offending character; the text's length when it ends too early. */
  readonly index: number;

  constructor(index: number, message: string) {
    super(message);
    this.index = index;
  }
}

/**
 * Makes objects that inherit nothing, so that `__proto__` and `constructor` are keys like any other.
 * Unlike `Object.create(null)` they are not hash tables to V8, which makes them several times cheaper.
 */
const BareRecord = (() => {
  class Bare {}
  Object.setPrototypeOf(Bare.prototype, null);
  delete (Bare.prototype as { constructor?: unknown }).constructor;
  return Bare as new () => JsonRecord;
})();

const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const ESCAPE_SEQUENCE = /\\(?:u([0-9a-fA-F]{4})|(["\\/bfnrt]))/y;
const ESCAPE_SEQUENCES = new RegExp(ESCAPE_SEQUENCE, 'g');
const ESCAPED: Readonly<Record<string, string>> = { b: '\b', f: '\f', n: '\n', r: '\r', t: '\t' };

const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_BRACKET = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_BRACKET = 0x5d;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;

export class JsonScanner {
  readonly #jsonColumns: ReadonlySet<string>;
  #text = '';
  #at = 0;

  /** @param jsonColumns keys whose values stay JSON text, strings with their quotes; null is null there too. */
  constructor(jsonColumns: ReadonlySet<string>) {
    this.#jsonColumns = jsonColumns;
  }

  /** @throws JsonFault */
  readRecord(text: string): JsonRecord {
    this.#text = text;
    this.#at = 0;
    this.#skipBlanks();
    if (this.#code() !== OPEN_BRACE) throw this.#fault('expected a JSON object');
    const record = new BareRecord();
    this.#readMembers((key, keyIndex) => {
      if (key in record)
        throw new JsonFault(keyIndex, `the key ${JSON.stringify(key)} is there twice`);
      record[key] = this.#jsonColumns.has(key) ? this.#readJson() : this.#readValue(1);
    });
    this.#skipBlanks();
    if (this.#at < text.length) throw this.#fault('expected the end of the line');
    return record;
  }

  /** From `{` past `}`; `readMember` reads the value of each key. */
  #readMembers(readMember: (key: string, keyIndex: number) => void): void {
    this.#at++;
    this.#skipBlanks();
    if (this.#accept(CLOSE_BRACE)) return;
    do {
      this.#skipBlanks();
      const keyIndex = this.#at;
      if (this.#code() !== QUOTE) throw this.#fault('expected a key in double quotes');
      const key = this.#readString();
      this.#skipBlanks();
      if (!this.#accept(COLON)) throw this.#fault('expected ":" after the key');
      this.#skipBlanks();
      readMember(key, keyIndex);
      this.#skipBlanks();
    } while (this.#accept(COMMA));
    if (!this.#accept(CLOSE_BRACE)) throw this.#fault('expected "," or "}"');
  }

  /** From `[` past `]`; `readElement` reads each element. */
  #readElements(readElement: () => void): void {
    this.#at++;
    this.#skipBlanks();
    if (this.#accept(CLOSE_BRACKET)) return;
    do {
      this.#skipBlanks();
      readElement();
      this.#skipBlanks();
    } while (this.#accept(COMMA));
    if (!this.#accept(CLOSE_BRACKET)) throw this.#fault('expected "," or "]"');
  }

  #readValue(depth: number): JsonValue {
    switch (this.#code()) {
      case QUOTE:
        return this.#readString();
      case OPEN_BRACE:
        return this.#readJson(depth);
      case OPEN_BRACKET: {
        this.#checkDepth(depth);
        const elements: JsonValue[] = [];
        this.#readElements(() => elements.push(this.#readValue(depth + 1)));
        return elements;
      }
      default:
        return this.#readScalar();
    }
  }

  /** The value's own text; null is null, as in PostgreSQL's json_populate_record. */
  #readJson(depth = 1): string | null {
    const start = this.#at;
    this.#skipValue(depth);
    const json = this.#text.slice(start, this.#at);
    return json === 'null' ? null : json;
  }

  #skipValue(depth: number): void {
    switch (this.#code()) {
      case QUOTE:
        this.#skipString();
        break;
      case OPEN_BRACE:
        this.#checkDepth(depth);
        this.#readMembers(() => this.#skipValue(depth + 1));
        break;
      case OPEN_BRACKET:
        this.#checkDepth(depth);
        this.#readElements(() => this.#skipValue(depth + 1));
        break;
      default:
        this.#readScalar();
    }
  }

  #readScalar(): string | boolean | null {
    NUMBER.lastIndex = this.#at;
    if (NUMBER.test(this.#text)) {
      const start = this.#at;
      this.#at = NUMBER.lastIndex;
      return this.#text.slice(start, this.#at);
    }
    if (this.#acceptWord('true')) return true;
    if (this.#acceptWord('false')) return false;
    if (this.#acceptWord('null')) return null;
    throw this.#fault('expected a JSON value');
  }

  #readString(): string {
    const start = this.#at + 1;
    const escaped = this.#skipString();
    const text = this.#text.slice(start, this.#at - 1);
    return escaped ? text.replace(ESCAPE_SEQUENCES, unescapeSequence) : text;
  }

  /** Past the closing quote; true when the string has escape sequences. Valid ones, that is. */
  #skipString(): boolean {
    let escaped = false;
    for (this.#at++; ; this.#at++) {
      const code = this.#code();
      if (code === QUOTE) break;
      if (code === BACKSLASH) {
        escaped = true;
        ESCAPE_SEQUENCE.lastIndex = this.#at;
        if (!ESCAPE_SEQUENCE.test(this.#text))
          throw this.#fault('expected a valid escape sequence');
        this.#at = ESCAPE_SEQUENCE.lastIndex - 1;
      } else if (!(code >= 0x20)) {
        throw this.#fault('expected the rest of a string');
      }
    }
    this.#at++;
    return escaped;
  }

  /** NaN at the end of the text. */
  #code(): number {
    return this.#text.charCodeAt(this.#at);
  }

  #accept(code: number): boolean {
    if (this.#code() !== code) return false;
    this.#at++;
    return true;
  }

  #acceptWord(word: string): boolean {
    if (!this.#text.startsWith(word, this.#at)) return false;
    this.#at += word.length;
    return true;
  }

  /** LF cannot occur in a line, but is a blank like the others. */
  #skipBlanks(): void {
    for (
      let code = this.#code();
      code === 0x20 || (code >= 0x09 && code <= 0x0d);
      code = this.#code()
    ) {
      if (code === 0x0b || code === 0x0c) return;
      this.#at++;
    }
  }

  #checkDepth(depth: number): void {
    if (depth > MAX_DEPTH) throw this.#fault(`expected at most ${MAX_DEPTH} levels`);
  }

  #fault(expected: string): JsonFault {
    const character = this.#text.codePointAt(this.#at);
    const got =
      character === undefined
        ? 'the end of the line'
        : JSON.stringify(String.fromCodePoint(character));
    return new JsonFault(this.#at, `${expected}, got ${got}`);
  }
}

function unescapeSequence(_match: string, hex: string | undefined, character: string): string {
  if (hex !== undefined) return String.fromCharCode(Number.parseInt(hex, 16));
  return ESCAPED[character] ?? character;
}
