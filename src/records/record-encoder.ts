import type { TargetColumn } from '../core/target-table.ts';

export interface RecordEncoder {
  /** The staged columns; a line holds the ordinal and then these. */
  readonly columns: readonly TargetColumn[];
  /**
   * The CSV line of a record, LF included.
   *
   * @param ordinal 1-based number of the record within the task
   * @throws RelytError RECORD_INVALID
   */
  encode(record: unknown, ordinal: number): string;
  /**
   * Fields of the record encoded last that do not stand in its line, because they are long: in their order, each as
   * bytes of CSV. U+0000 holds their places in the line. Nearly always empty.
   */
  readonly longFields: readonly (readonly Buffer[])[];
  /** Lane of the record encoded last, from 0; always 0 with one lane or a key that has no canonical text. */
  readonly lane: number;
}
