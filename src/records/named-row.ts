import { QUOTE } from '../core/ascii.ts';
import { BareRecord } from './bare-record.ts';
import type { FieldNames } from './field-names.ts';
import { ABSENT_END, FieldRow, NULL_END } from './field-row.ts';

export interface NamedShape {
  readonly ascii: boolean;
  readonly names: FieldNames;
  /** Reads what is not text in the bytes. */
  readonly parse: (json: string) => unknown;
}

const T = 0x74;
const F = 0x66;

/**
 * A JSON object in the bytes of a file. Its values are those that reading the JSON gives: numbers are their text. Before a
 * string stands its quote. The end of a value that must be parsed, an array or a string with escapes, is negative.
 */
export class NamedRow extends FieldRow {
  readonly #names: FieldNames;
  readonly #parse: (json: string) => unknown;

  constructor(bytes: Buffer, bounds: Int32Array, shape: NamedShape) {
    const { ascii, names, parse } = shape;
    super(bytes, bounds, { ascii, names, count: names.list.length });
    this.#names = names;
    this.#parse = parse;
  }

  /** Undefined where the record leaves the field out. */
  override value(field: number): unknown {
    const { bytes, bounds } = this;
    const from = bounds[this.first + 2 * field] as number;
    const to = bounds[this.first + 2 * field + 1] as number;
    if (to === NULL_END) return null;
    if (to === ABSENT_END) return undefined;
    if (to < 0) return this.#parse(this.textOf(from, -to));
    const isScalar = bytes[from - 1] !== QUOTE && !this.#names.areJson[field];
    if (isScalar && bytes[from] === T) return true;
    if (isScalar && bytes[from] === F) return false;
    return this.textOf(from, to);
  }

  /** With its keys in the order of the file. */
  override get kept(): Record<string, unknown> {
    const record = new BareRecord<unknown>();
    for (const field of this.#fieldsInOrder())
      record[this.#names.list[field] as string] = this.value(field);
    return record;
  }

  #fieldsInOrder(): readonly number[] {
    const { bounds, first } = this;
    const fields = Array.from(this.#names.list.keys()).filter((field) => this.has(field));
    const start = (field: number) => bounds[first + 2 * field] as number;
    return fields.sort((a, b) => start(a) - start(b));
  }
}
