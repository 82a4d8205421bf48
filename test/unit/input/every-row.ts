/** Everything that a reader of rows tells, for tests that hold two ways of reading together. */

import type { BadRecord, BatchOf, OnBadRecord } from '../../../src/input/record-batch.ts';
import type { RecordRows } from '../../../src/input/record-rows.ts';
import { FieldRow, keptFields } from '../../../src/records/field-row.ts';

export interface EveryRow {
  /** Records, malformed ones and places, as they come; last the error that ended the reading. */
  readonly found: readonly unknown[];
  /** Ends of batches, by how many records came before. */
  readonly ends: ReadonlyMap<number, unknown>;
  /** How many records were read from bytes at once. */
  readonly skimmed: number;
}

export async function everyRow<R extends object>(
  read: (onBadRecord: OnBadRecord) => AsyncIterable<BatchOf<RecordRows<R>>>,
): Promise<EveryRow> {
  const found: unknown[] = [];
  const ends = new Map<number, unknown>();
  let skimmed = 0;
  const onBadRecord = ({ error, ...bad }: BadRecord) =>
    void found.push({ ...bad, message: error.message });
  try {
    for await (const { records, end } of read(onBadRecord)) {
      let n = 0;
      for (const row of records) {
        if (row instanceof FieldRow) skimmed += 1;
        // The JSON shows the order of keys, too.
        found.push({
          record: keptFields(row),
          json: JSON.stringify(row),
          line: records.lines[n++],
        });
      }
      ends.set(end.recordCount, end);
    }
  } catch (error) {
    found.push(String(error));
  }
  return { found, ends, skimmed };
}
