import type { StagedBytes } from '../core/staged-bytes.ts';
import type { PartFiller } from './part-filler.ts';

export interface FinishedFile {
  /** Bytes of its rows. */
  readonly bytes: number;
  /** The S3 object, of fewer bytes when compressed; undefined where there is none. */
  readonly stored: StagedBytes | undefined;
  /** Parts of the multipart upload; 0 when one PutObject did it, or nothing was uploaded. */
  readonly parts: number;
}

/** A record that is encoded: text, or what has taken its bytes and hands them on. */
export type StagedRow = string | StagedRows;

/** Bytes of records on their way into a file. */
export interface StagedRows {
  /** Bytes held. */
  readonly size: number;
  /** Hands all of them over, and is empty then. Those that the filler keeps must not change any more. */
  drain(filler: Pick<PartFiller, 'writeBytes' | 'blocked'>): void;
}

/** A file that takes records, wherever its bytes go. */
export interface RowFile {
  readonly key: string;
  /** Records appended so far. */
  readonly records: number;
  /** Bytes of rows so far; text not yet encoded counts one byte a character, so up to 4 KiB may be short by half. */
  readonly bytes: number;
  /** True when memory is used up, or the file has failed: `whenWritable()` waits for the one and rejects for the other. */
  readonly blocked: boolean;
  /** Whether it has so many bytes, exactly. */
  isAtLeast(bytes: number): boolean;
  /**
   * Adds one record: its line, line feed included, or the rows that have taken it, which are the same for all records
   * of the file. Still correct while `blocked`, but memory then grows with every record.
   * Records for a file that has failed are dropped: `finish()` reports the failure.
   *
   * @param longFields fields whose places in the line U+0000 holds; their bytes must not change
   */
  append(row: StagedRow, longFields?: readonly (readonly Buffer[])[]): void;
  /** Resolves when lines may be appended again; rejects with the failure of the file. */
  whenWritable(): Promise<void>;
  /** Resolves when the file is complete where it goes. */
  finish(): Promise<FinishedFile>;
  /** Drops the file. Rejects when something of it may be left. */
  abort(): Promise<void>;
}
