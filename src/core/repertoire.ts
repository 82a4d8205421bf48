/** The characters that a database whose encoding is not UTF8 can store. */

import { unicodeEscapes } from './unicode-escapes.ts';

/** Encodings with characters past U+FFFF; those are not told apart, the database decides. */
const WITH_ASTRAL: ReadonlySet<string> = new Set(['EUC_JIS_2004', 'EUC_TW']);
const FIRST_ASTRAL = 0x10000;
const NOT_ASCII = /[^\0-\x7f]/gu;

export class Repertoire {
  /** As PostgreSQL calls it. */
  readonly encoding: string;
  readonly #bits: Uint8Array;

  /** @param bits one for each code point up to U+FFFF, the lowest of a byte first */
  constructor(encoding: string, bits: Uint8Array) {
    this.encoding = encoding;
    this.#bits = bits;
  }

  /** Index of the first character that cannot be stored; -1 when all can. */
  firstMissing(text: string): number {
    for (const { 0: character, index } of text.matchAll(NOT_ASCII)) {
      if (!this.#has(character)) return index;
    }
    return -1;
  }

  /** Text or JSON that can be stored: in either, what is missing becomes the escapes of JSON. */
  escaped(text: string): string {
    return text.replace(NOT_ASCII, (character) =>
      this.#has(character) ? character : unicodeEscapes(character),
    );
  }

  /** Without the characters that cannot be stored. */
  only(text: string): string {
    return text.replace(NOT_ASCII, (character) => (this.#has(character) ? character : ''));
  }

  #has(character: string): boolean {
    const code = character.codePointAt(0) ?? 0;
    if (code >= FIRST_ASTRAL) return WITH_ASTRAL.has(this.encoding);
    return (((this.#bits[code >> 3] ?? 0) >> (code & 7)) & 1) === 1;
  }
}
