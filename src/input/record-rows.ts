import type { FieldRow } from '../records/field-row.ts';
import type { BatchOf, RecordBatch, RecordPlace } from './record-batch.ts';

export interface RecordRowsContent<R extends object> {
  /** Physical line of each record. */
  readonly lines: readonly number[];
  /** Records with something unusual, by their index; all others are bounds in the bytes. */
  readonly others: ReadonlyMap<number, R>;
  /** Stands for those, one after the other. */
  readonly newRow: () => FieldRow;
  /** The first bound of the first record. */
  readonly firstBound: number;
  /** How many each has. */
  readonly boundsPerRow: number;
}

/**
 * Records of a file, to be read before the next ones are asked for: one object stands for most of them, one after the
 * other.
 */
export class RecordRows<R extends object> implements Iterable<FieldRow | R> {
  readonly #content: RecordRowsContent<R>;

  constructor(content: RecordRowsContent<R>) {
    this.#content = content;
  }

  get length(): number {
    return this.#content.lines.length;
  }

  get lines(): readonly number[] {
    return this.#content.lines;
  }

  /** Those after the first ones. */
  after(count: number): RecordRows<R> {
    if (count <= 0) return this;
    const { lines, others, firstBound, boundsPerRow } = this.#content;
    const left = [...others].filter(([index]) => index >= count);
    const passed = count - (others.size - left.length);
    return new RecordRows({
      ...this.#content,
      lines: lines.slice(count),
      others: new Map(left.map(([index, record]) => [index - count, record])),
      firstBound: firstBound + boundsPerRow * passed,
    });
  }

  /** Neither a row nor a result is made for each record. */
  [Symbol.iterator](): Iterator<FieldRow | R> {
    const { others, newRow, boundsPerRow } = this.#content;
    const { length } = this;
    const row = newRow();
    const result: { done: false; value: FieldRow | R } = { done: false, value: row };
    let index = 0;
    let next = this.#content.firstBound;
    return {
      next() {
        if (index >= length) return { done: true, value: undefined };
        const other = others.size === 0 ? undefined : others.get(index);
        index += 1;
        result.value = other ?? row;
        if (other !== undefined) return result;
        row.first = next;
        next += boundsPerRow;
        return result;
      },
    };
  }
}

/** The same records for callers that keep them: `keep` makes an object of each. */
export async function* keptBatches<R extends object, Kept>(
  batches: AsyncIterable<BatchOf<RecordRows<R>>>,
  keep: (record: FieldRow | R, place: RecordPlace) => Kept,
): AsyncGenerator<RecordBatch<Kept>> {
  for await (const { records: rows, end } of batches) {
    const before = end.recordCount - rows.length;
    const records = Array.from(rows, (row, i) =>
      keep(row, { line: rows.lines[i] ?? end.line, recordNumber: before + i + 1 }),
    );
    yield { records, end };
  }
}
