/**
 * Reads one JSON object without losing anything: numbers stay the text they are written as, so that bigint and
 * numeric keep every digit, and values meant for json columns stay JSON.
 */

import {
  CLOSE_BRACE,
  CLOSE_BRACKET,
  COLON,
  COMMA,
  OPEN_BRACE,
  OPEN_BRACKET,
  QUOTE,
} from '../core/ascii.ts';
import { JsonFault, JsonTokens } from '../core/json-tokens.ts';
import { BareRecord } from '../records/bare-record.ts';
import { LongArray } from '../records/long-array.ts';

/** A number is its text, an object inside is its JSON text. */
export type ScannedValue = string | boolean | null | readonly ScannedValue[] | LongArray;
export type JsonRecord = Record<string, ScannedValue>;

/** Nesting deeper than this is refused; PostgreSQL itself gives up at a few thousand. */
const MAX_DEPTH = 1000;
/** Elements take many times the memory of their text: an array of more is read when it is asked for them. */
const MOST_ELEMENTS = 4096;
/** A table has at most 1600 columns, and an object takes many times the memory of its text. */
const MOST_KEYS = 65_536;

export class JsonScanner {
  readonly #jsonColumns: ReadonlySet<string>;
  readonly #tokens = new JsonTokens();

  /** @param jsonColumns keys whose values stay JSON text, strings with their quotes; null is null there too. */
  constructor(jsonColumns: ReadonlySet<string>) {
    this.#jsonColumns = jsonColumns;
  }

  /** @throws JsonFault */
  readRecord(text: string): JsonRecord {
    const tokens = this.#tokens;
    tokens.begin(text);
    tokens.skipBlanks();
    if (tokens.code() !== OPEN_BRACE) throw tokens.fault('expected a JSON object');
    const record: JsonRecord = new BareRecord<ScannedValue>();
    let keys = 0;
    this.#readMembers((key, keyIndex) => {
      if (++keys > MOST_KEYS) throw new JsonFault(keyIndex, `expected at most ${MOST_KEYS} keys`);
      if (key in record)
        throw new JsonFault(keyIndex, `the key ${JSON.stringify(key)} appears twice`);
      record[key] = this.#jsonColumns.has(key) ? this.#readJson() : this.#readValue(1);
    });
    tokens.skipBlanks();
    if (!tokens.atEnd) throw tokens.fault('expected the end of the line');
    return record;
  }

  /** A value alone, which is known to be well-formed and not for a json column. */
  readText(text: string): ScannedValue {
    this.#tokens.begin(text);
    return this.#readValue(1);
  }

  /** From `{` past `}`; `readMember` reads the value of each key. */
  #readMembers(readMember: (key: string, keyIndex: number) => void): void {
    const tokens = this.#tokens;
    tokens.accept(OPEN_BRACE);
    tokens.skipBlanks();
    if (tokens.accept(CLOSE_BRACE)) return;
    do {
      tokens.skipBlanks();
      const keyIndex = tokens.index;
      if (tokens.code() !== QUOTE) throw tokens.fault('expected a key in double quotes');
      const key = tokens.readString();
      tokens.skipBlanks();
      if (!tokens.accept(COLON)) throw tokens.fault('expected ":" after the key');
      tokens.skipBlanks();
      readMember(key, keyIndex);
      tokens.skipBlanks();
    } while (tokens.accept(COMMA));
    if (!tokens.accept(CLOSE_BRACE)) throw tokens.fault('expected "," or "}"');
  }

  /** From `[` past `]`; `readElement` reads each element. */
  #readElements(readElement: () => void): void {
    const tokens = this.#tokens;
    tokens.accept(OPEN_BRACKET);
    tokens.skipBlanks();
    if (tokens.accept(CLOSE_BRACKET)) return;
    do {
      tokens.skipBlanks();
      readElement();
      tokens.skipBlanks();
    } while (tokens.accept(COMMA));
    if (!tokens.accept(CLOSE_BRACKET)) throw tokens.fault('expected "," or "]"');
  }

  #readValue(depth: number): ScannedValue {
    switch (this.#tokens.code()) {
      case QUOTE:
        return this.#tokens.readString();
      case OPEN_BRACE:
        return this.#readJson(depth);
      case OPEN_BRACKET:
        this.#checkDepth(depth);
        return this.#readArray(depth);
      default:
        return this.#tokens.readScalar();
    }
  }

  #readArray(depth: number): ScannedValue {
    const start = this.#tokens.index;
    const elements: ScannedValue[] = [];
    let count = 0;
    this.#readElements(() => {
      if (count++ < MOST_ELEMENTS) elements.push(this.#readValue(depth + 1));
      else this.#skipValue(depth + 1);
    });
    if (count <= MOST_ELEMENTS) return elements;
    const text = this.#tokens.since(start);
    return new LongArray(count, () => new JsonScanner(this.#jsonColumns).#elementsOf(text, depth));
  }

  /** The elements of an array that was read before. */
  *#elementsOf(text: string, depth: number): Generator<ScannedValue> {
    const tokens = this.#tokens;
    tokens.begin(text);
    tokens.accept(OPEN_BRACKET);
    do {
      tokens.skipBlanks();
      yield this.#readValue(depth + 1);
      tokens.skipBlanks();
    } while (tokens.accept(COMMA));
  }

  /** The value's own text; null is null, as in PostgreSQL's json_populate_record. */
  #readJson(depth = 1): string | null {
    const start = this.#tokens.index;
    this.#skipValue(depth);
    const json = this.#tokens.since(start);
    return json === 'null' ? null : json;
  }

  #skipValue(depth: number): void {
    switch (this.#tokens.code()) {
      case QUOTE:
        this.#tokens.skipString();
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
        this.#tokens.readScalar();
    }
  }

  #checkDepth(depth: number): void {
    if (depth > MAX_DEPTH) throw this.#tokens.fault(`expected at most ${MAX_DEPTH} levels`);
  }
}
