/** The characters that a database whose encoding is not UTF8 can store. */

import { unicodeEscapes } from './unicode-escapes.ts';

/** The planes of Unicode with characters of server encodings: 0, and 2 in EUC_JIS_2004 and EUC_TW. */
const PLANES: readonly number[] = [0, 2];
const PLANE_CHARACTERS = 0x10000;
const NOT_ASCII = /[^\0-\x7f]/gu;

export class Repertoire {
  /** As PostgreSQL calls it. */
  readonly encoding: string;
  readonly #bits: Uint8Array;

  /** @param bits one for each code point of each of `PLANES`, the lowest of a byte first; missing ones are none */
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
    const point = character.codePointAt(0) ?? 0;
    const plane = PLANES.indexOf(Math.floor(point / PLANE_CHARACTERS));
    if (plane < 0) return false;
    const code = plane * PLANE_CHARACTERS + (point % PLANE_CHARACTERS);
    return (((this.#bits[code >> 3] ?? 0) >> (code & 7)) & 1) === 1;
  }
}
