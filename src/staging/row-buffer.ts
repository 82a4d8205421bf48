import { RelytError } from '../errors.ts';
import type { PartFiller } from './part-filler.ts';
import type { StagedRow, StagedRows } from './row-file.ts';

/** Few writes, and still in the cache of a processor. */
const FLUSH_BYTES = 96 * 1024;
/** Long strings that were added together are dear to flatten, and short ones dear to write: this is the best in between. */
const FLUSH_CHARACTERS = 4096;
const MAX_BYTES_PER_UNIT = 3;
const NONE: readonly never[] = [];

const NOWHERE: Pick<PartFiller, 'writeBytes' | 'blocked'> = {
  blocked: false,
  writeBytes: () => {},
};

/** Rows of one file on their way into part buffers: many of them are written at once. */
export class RowBuffer {
  readonly #key: string;
  readonly #filler: PartFiller;
  #text = '';
  /** Where the rows of its lane that are not text are collected. They follow the text. */
  #collected: StagedRows | undefined;
  #records = 0;
  #dropped = false;

  constructor(key: string, filler: PartFiller) {
    this.#key = key;
    this.#filler = filler;
  }

  get records(): number {
    return this.#records;
  }

  get bytes(): number {
    return this.#filler.bytes + this.#text.length + (this.#collected?.size ?? 0);
  }

  /** No code unit takes more than three bytes, so that text is measured only when it may matter. */
  isAtLeast(bytes: number): boolean {
    const taken = this.#filler.bytes + (this.#collected?.size ?? 0);
    if (taken + MAX_BYTES_PER_UNIT * this.#text.length < bytes) return false;
    return taken + Buffer.byteLength(this.#text) >= bytes;
  }

  append(row: StagedRow, longFields: readonly (readonly Buffer[])[] = NONE): void {
    this.#records++;
    if (typeof row !== 'string') {
      this.#collected = row;
      if (row.size >= FLUSH_BYTES) this.flush();
    } else if (!this.#dropped) {
      // Rows that are bytes come after the text that is there already.
      if (this.#collected !== undefined && this.#collected.size > 0) this.flush();
      if (longFields.length > 0) this.#appendLong(row, longFields);
      else this.#text += row;
      if (this.#text.length >= FLUSH_CHARACTERS) this.flush();
    }
  }

  /** A file that has failed takes nothing, but its lane continues with another one. */
  flush(): void {
    const text = this.#text;
    this.#text = '';
    if (text !== '' && !this.#dropped) this.#filler.writeText(text);
    this.#collected?.drain(this.#dropped ? NOWHERE : this.#filler);
  }

  /** The file has failed: what it has and what comes is forgotten. */
  drop(): void {
    this.#dropped = true;
    this.#text = '';
  }

  #appendLong(line: string, longFields: readonly (readonly Buffer[])[]): void {
    const between = line.split('\0');
    if (between.length !== longFields.length + 1) {
      throw new RelytError(
        'INTERNAL',
        `The staged file "${this.#key}" got a line with other fields.`,
      );
    }
    between.forEach((text, i) => {
      this.#text += text;
      this.flush();
      for (const piece of longFields[i] ?? NONE) this.#filler.writeBytes(piece);
    });
  }
}
