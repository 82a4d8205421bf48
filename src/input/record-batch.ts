/** Records as a reader gives them, and where they are in the input. */

import type { RelytError } from '../errors.ts';

/** A place between two records. */
export interface InputPosition {
  /** Bytes of the (decompressed) input up to here, a byte order mark and the line end of the record before included. */
  readonly byteOffset: number;
  /** Physical line that begins here, 1-based. */
  readonly line: number;
  /** Records up to here, the malformed ones included, a CSV header not. */
  readonly recordCount: number;
}

/** Records in the order of the input, whatever holds them. Never empty. */
export interface BatchOf<Records> {
  readonly records: Records;
  /** Just after the last record of the batch. Malformed records that follow come after it. */
  readonly end: InputPosition;
}

export type RecordBatch<R> = BatchOf<readonly R[]>;

/** Where a record is in its input. */
export interface RecordPlace {
  /** Physical line where the record begins, 1-based. */
  readonly line: number;
  /** 1-based, malformed records counted, a CSV header not. */
  readonly recordNumber: number;
}

/** A record that is malformed by itself: its neighbours can still be read. */
export interface BadRecord extends RecordPlace {
  /** Code INPUT_MALFORMED. */
  readonly error: RelytError;
  /** The record as it is in the input, without its line end. */
  readonly text: string;
}

/**
 * Is told of each malformed record, after the records before it were delivered. Returning continues with
 * the next record; throwing ends the reading with that error.
 */
export type OnBadRecord = (bad: BadRecord) => void | Promise<void>;
