/**
 * A record whose fields stand in the bytes of a file, quotes taken off: it is read without a JavaScript value for each of
 * them. One object stands for one record after the other, so encode it, or take its `fields`, before you ask for the next.
 */
export class FieldRow {
  readonly bytes: Buffer;
  /** Where each field begins and ends, one after the other; an end of -1 is NULL. */
  readonly bounds: Int32Array;
  /** Whether every character is one byte. */
  readonly #ascii: boolean;
  /** Index of its first bound. */
  first = 0;
  /** How many fields it has. */
  count = 0;

  constructor(bytes: Buffer, bounds: Int32Array, ascii: boolean) {
    this.bytes = bytes;
    this.bounds = bounds;
    this.#ascii = ascii;
  }

  /** The text of a field; null is NULL. */
  text(field: number): string | null {
    const at = this.first + 2 * field;
    const end = this.bounds[at + 1] ?? -1;
    if (end < 0) return null;
    return this.bytes.toString(this.#ascii ? 'latin1' : 'utf8', this.bounds[at], end);
  }

  get fields(): readonly (string | null)[] {
    return Array.from({ length: this.count }, (_, field) => this.text(field));
  }

  toJSON(): readonly (string | null)[] {
    return this.fields;
  }
}

/** The record as one that may be kept. */
export function keptFields<R>(record: R): Exclude<R, FieldRow> | FieldRow['fields'] {
  return record instanceof FieldRow ? record.fields : (record as Exclude<R, FieldRow>);
}
