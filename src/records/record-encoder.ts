import type { Layout } from '../core/layout.ts';
import type { TargetColumn } from '../core/target-table.ts';
import type { TupleRows } from './tuple-rows.ts';

/** A record, encoded: its line of CSV, or the rows of its lane, which hold its tuple or line. */
export type EncodedRow = string | TupleRows;

export interface RecordEncoder<Row extends EncodedRow = EncodedRow> {
  /** How the rows are written. */
  readonly layout: Layout;
  /** The staged columns; a row holds the ordinal and then these. */
  readonly columns: readonly TargetColumn[];
  /**
   * The CSV line of a record, LF included, or the rows that it was added to.
   *
   * @param ordinal 1-based number of the record within the task
   * @throws RelytError RECORD_INVALID; TextColumnNeededError. Neither leaves a trace.
   */
  encode(record: unknown, ordinal: number): Row;
  /**
   * Fields of the record encoded last that are not in its line, because they are long: in their order, each as
   * bytes of CSV. U+0000 holds their places in the line. Nearly always empty.
   */
  readonly longFields: readonly (readonly Buffer[])[];
  /** Lane of the record encoded last, from 0; always 0 with one lane or a key that has no canonical text. */
  readonly lane: number;
}
