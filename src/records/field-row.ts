import type { FieldNames } from './field-names.ts';

/** End of a field that is NULL. */
export const NULL_END = -1;
/** End of a field that the record leaves out. Only fields with names can be. */
export const ABSENT_END = -2;

export interface RowShape {
  /** Whether every character is one byte. */
  readonly ascii: boolean;
  readonly count: number;
  readonly names?: FieldNames;
}

/**
 * A record whose fields are in the bytes of a file, quotes taken off: it is read without a JavaScript value for each of
 * them. One object stands for one record after the other, so encode it, or take what is `kept` of it, before you ask for
 * the next.
 */
export class FieldRow {
  readonly bytes: Buffer;
  /** Where each field begins and ends, one after the other; what is not text in the bytes has a negative end. */
  readonly bounds: Int32Array;
  /** Undefined where fields have numbers only. */
  readonly names: FieldNames | undefined;
  /** How many fields it has. */
  readonly count: number;
  readonly #ascii: boolean;
  /** Index of its first bound. */
  first = 0;

  constructor(bytes: Buffer, bounds: Int32Array, { ascii, count, names }: RowShape) {
    this.bytes = bytes;
    this.bounds = bounds;
    this.names = names;
    this.count = count;
    this.#ascii = ascii;
  }

  /** What a field holds: its text; null is NULL. */
  value(field: number): unknown {
    return this.text(field);
  }

  /** The text of a field; null where it has none. */
  text(field: number): string | null {
    const at = this.first + 2 * field;
    const end = this.bounds[at + 1] ?? NULL_END;
    return end < 0 ? null : this.textOf(this.bounds[at] as number, end);
  }

  /** Whether the record gives the field, be it NULL. */
  has(field: number): boolean {
    return this.bounds[this.first + 2 * field + 1] !== ABSENT_END;
  }

  protected textOf(from: number, to: number): string {
    return this.bytes.toString(this.#ascii ? 'latin1' : 'utf8', from, to);
  }

  get fields(): readonly (string | null)[] {
    return Array.from({ length: this.count }, (_, field) => this.text(field));
  }

  /** The record as one that may be kept. */
  get kept(): object {
    return this.fields;
  }

  toJSON(): object {
    return this.kept;
  }
}

/** The record as one that may be kept. */
export function keptFields<R>(record: R): Exclude<R, FieldRow> | object {
  return record instanceof FieldRow ? record.kept : (record as Exclude<R, FieldRow>);
}
