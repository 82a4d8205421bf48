/**
 * Reads JSON objects from their bytes, as far as there is nothing unusual about them: one on its line, of known keys, each
 * there once at most. All else is left to framer and scanner.
 */

import {
  CLOSE_BRACE,
  COLON,
  COMMA,
  LINE_FEED,
  OPEN_BRACE,
  OPEN_BRACKET,
  QUOTE,
} from '../core/ascii.ts';
import {
  endOfBlanks,
  endOfPlainText,
  endOfString,
  endOfValue,
  NOT_JSON,
} from '../core/json-bytes.ts';
import { ABSENT_END, NULL_END } from '../records/field-row.ts';
import { FieldBounds, NOT_PLAIN } from './field-bounds.ts';
import { KnownKeys, UNKNOWN_KEY } from './known-keys.ts';

const N = 0x6e;

export class PlainObjects extends FieldBounds {
  readonly keys: KnownKeys;

  /** @param jsonColumns keys whose values stay JSON text */
  constructor(jsonColumns: ReadonlySet<string>) {
    super();
    this.keys = new KnownKeys(jsonColumns);
  }

  /** Of an object: those of all known keys, and of the field that never has a value. */
  get boundsPerRow(): number {
    return 2 * this.keys.names.nameless + 2;
  }

  /** Adds the bounds of the object that begins at `from`. @returns where the next line begins, or NOT_PLAIN */
  read(bytes: Buffer, from: number): number {
    const { bounds, used } = this;
    const full = used + this.boundsPerRow;
    const open = endOfBlanks(bytes, from);
    if (bytes[open] !== OPEN_BRACE || full > bounds.length) return NOT_PLAIN;
    for (let i = used + 1; i < full; i += 2) bounds[i] = ABSENT_END;
    const close = this.#endOfMembers(bytes, endOfBlanks(bytes, open + 1));
    if (close === NOT_PLAIN) return NOT_PLAIN;
    const end = endOfBlanks(bytes, close + 1);
    if (bytes[end] !== LINE_FEED) return NOT_PLAIN;
    this.used = full;
    return end + 1;
  }

  /** @returns where the closing brace stands */
  #endOfMembers(bytes: Buffer, from: number): number {
    const { keys, bounds, used } = this;
    let at = from;
    if (bytes[at] === CLOSE_BRACE) return at;
    for (let key = UNKNOWN_KEY; ; at = endOfBlanks(bytes, at + 1)) {
      key = keys.at(bytes, at, key);
      if (key === UNKNOWN_KEY || bounds[used + 2 * key + 1] !== ABSENT_END) return NOT_PLAIN;
      at = endOfBlanks(bytes, keys.endOf(key, at));
      if (bytes[at] !== COLON) return NOT_PLAIN;
      at = this.#endOfMember(bytes, endOfBlanks(bytes, at + 1), key);
      if (at === NOT_PLAIN) return NOT_PLAIN;
      at = endOfBlanks(bytes, at);
      if (bytes[at] === CLOSE_BRACE) return at;
      if (bytes[at] !== COMMA) return NOT_PLAIN;
    }
  }

  /** Notes the bounds of the value that begins at `from`. @returns the byte after it */
  #endOfMember(bytes: Buffer, from: number, key: number): number {
    const { bounds, used } = this;
    const slot = used + 2 * key;
    const staysJson = this.keys.names.areJson[key] as boolean;
    const byte = bytes[from];
    if (byte === QUOTE && !staysJson) return this.#endOfText(bytes, from, slot);
    const end = endOfValue(bytes, from);
    if (end === NOT_JSON) return NOT_PLAIN;
    const isParsed = byte === OPEN_BRACKET && !staysJson;
    bounds[slot] = from;
    bounds[slot + 1] = byte === N ? NULL_END : isParsed ? -end : end;
    return end;
  }

  /** A string without escapes is text in the bytes; another one is parsed when it is asked for. */
  #endOfText(bytes: Buffer, from: number, slot: number): number {
    const { bounds } = this;
    const quote = endOfPlainText(bytes, from + 1);
    if (bytes[quote] === QUOTE) {
      bounds[slot] = from + 1;
      bounds[slot + 1] = quote;
      return quote + 1;
    }
    const end = endOfString(bytes, from);
    if (end === NOT_JSON) return NOT_PLAIN;
    bounds[slot] = from;
    bounds[slot + 1] = -end;
    return end;
  }
}
