/**
 * The fields of a record that are too long for its line. A string grows by 32 bytes with each piece that is added, is
 * copied when it is read, and takes two bytes a character when one of them is not Latin: a long field goes straight
 * into bytes instead, piece by piece.
 */

import { PIECE_LENGTH, textWindows } from '../core/text-windows.ts';
import type { Overflow } from './codecs/codec.ts';
import { Refusal } from './codecs/refusal.ts';

/** Longer texts are not in the line. */
export const MAX_TEXT_IN_LINE = PIECE_LENGTH;
/** Stands in the line for a long field. No codec lets one through, so no value can be taken for it. */
export const LONG_FIELD = '\0';

/** PostgreSQL takes lines and values of less than 1 GiB, and what it makes of a line is often longer. */
export const MOST_STAGED_BYTES = 512 * 1024 * 1024;

const QUOTES = /"/g;
const QUOTE = Buffer.from('"');

export class LongFields implements Overflow {
  #fields: (readonly Buffer[])[] = [];
  /** Of the field being written. */
  #pieces: Buffer[] = [];
  #bytes = 0;

  /** In the order of the record: the bytes of each, quoted as CSV. */
  get fields(): readonly (readonly Buffer[])[] {
    return this.#fields;
  }

  /** Another record begins. */
  start(): void {
    if (this.#bytes === 0) return;
    this.#fields = [];
    this.#pieces = [];
    this.#bytes = 0;
  }

  /** More of the field's text. @throws Refusal when the record gets longer than a database takes */
  add(text: string): void {
    if (this.#pieces.length === 0) this.#push(QUOTE);
    for (const window of textWindows(text)) {
      // A regular expression: replaceAll makes a node of a rope of each quote.
      this.#push(Buffer.from(window.replace(QUOTES, '""')));
    }
  }

  /** True when the field is one of the long ones; `rest` is its text, or the end of it. */
  ended(rest: string): boolean {
    if (this.#pieces.length === 0 && rest.length <= MAX_TEXT_IN_LINE) return false;
    this.add(rest);
    this.#push(QUOTE);
    this.#fields.push(this.#pieces);
    this.#pieces = [];
    return true;
  }

  #push(piece: Buffer): void {
    this.#pieces.push(piece);
    this.#bytes += piece.length;
    if (this.#bytes <= MOST_STAGED_BYTES) return;
    throw new Refusal(undefined, 'makes the record longer than 512 MiB, the most that is staged', {
      kind: 'the value',
      hint: 'Store it in pieces, or elsewhere, and load a reference to it.',
    });
  }
}
