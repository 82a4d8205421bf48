import { FieldRow } from '../records/field-row.ts';

/** Fields as texts; null is NULL, `''` an empty string. */
export type CsvFields = readonly (string | null)[];

export interface CsvRowsContent {
  /** Physical line of each record. */
  readonly lines: readonly number[];
  /** Records that are texts, by their index; all others are bounds in the bytes. */
  readonly texts: ReadonlyMap<number, CsvFields>;
  readonly bytes: Buffer;
  readonly ascii: boolean;
  readonly bounds: Int32Array;
  /** The first bound of the first record. */
  readonly firstBound: number;
  readonly fieldCount: number;
}

/**
 * Records of a CSV file, to be read before the next ones are asked for: one object stands for most of them, one after
 * the other.
 */
export class CsvRows implements Iterable<FieldRow | CsvFields> {
  readonly #content: CsvRowsContent;

  constructor(content: CsvRowsContent) {
    this.#content = content;
  }

  get length(): number {
    return this.#content.lines.length;
  }

  get lines(): readonly number[] {
    return this.#content.lines;
  }

  /** Those after the first ones. */
  after(count: number): CsvRows {
    if (count <= 0) return this;
    const { lines, texts, firstBound, fieldCount } = this.#content;
    const left = [...texts].filter(([index]) => index >= count);
    const passed = count - (texts.size - left.length);
    return new CsvRows({
      ...this.#content,
      lines: lines.slice(count),
      texts: new Map(left.map(([index, fields]) => [index - count, fields])),
      firstBound: firstBound + 2 * fieldCount * passed,
    });
  }

  /** Neither a row nor a result is made for each record. */
  [Symbol.iterator](): Iterator<FieldRow | CsvFields> {
    const { texts, bytes, ascii, bounds, fieldCount } = this.#content;
    const { length } = this;
    const row = new FieldRow(bytes, bounds, ascii);
    row.count = fieldCount;
    const result: { done: false; value: FieldRow | CsvFields } = { done: false, value: row };
    let index = 0;
    let next = this.#content.firstBound;
    return {
      next() {
        if (index >= length) return { done: true, value: undefined };
        const text = texts.size === 0 ? undefined : texts.get(index);
        index += 1;
        result.value = text ?? row;
        if (text !== undefined) return result;
        row.first = next;
        next += 2 * fieldCount;
        return result;
      },
    };
  }
}
