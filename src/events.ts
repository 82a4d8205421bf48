import type { ImportCounts } from './core/import-counts.ts';
import type { RelytError } from './errors.ts';

/** The progress of a task. Counts are of records unless the name says otherwise. */
export interface Progress {
  /**
   * Records handed to `insert()`, rejected ones included. A resumed task continues from the number of the last record
   * before its position.
   */
  readonly received: number;
  readonly rejected: number;
  /** Records that an import has brought into the target or accounted for otherwise. */
  readonly imported: number;
  /** Bytes of rows encoded so far, before compression. */
  readonly encodedBytes: number;
  readonly filesCreated: number;
  readonly filesFrozen: number;
  readonly filesImported: number;
  /** Sums over all imports so far. */
  readonly rows: Omit<ImportCounts, 'records'>;
  readonly elapsedSeconds: number;
}

export interface FileEvent {
  readonly fileId: string;
  readonly key: string;
  readonly records: number;
  readonly bytes: number;
  /** Format of its rows: `tuples` are binary, too, and hold no ordinals, because they are rows of the target. */
  readonly layout: 'csv' | 'binary' | 'tuples';
}

export interface ImportEvent {
  readonly importId: number;
  readonly fileIds: readonly string[];
  readonly counts: ImportCounts;
  readonly seconds: number;
}

export interface RejectEvent {
  /** Ordinal of the record within the task. */
  readonly record: number;
  readonly error: RelytError;
}

/** The events of a BulkProcessor and what they carry. */
export interface ProcessorEvents {
  /** A staged file is complete in S3, and its row says so. Without S3: it is imported. */
  fileFrozen: [FileEvent];
  /** An import was committed. */
  imported: [ImportEvent];
  /** A record was left out and kept in relyt_sys.relyt_loader_reject. */
  recordRejected: [RejectEvent];
  /**
   * The progress of the task, about once a second while it runs, and again when it has ended. Nothing is measured
   * without a listener, and the timer does not keep the process alive.
   */
  progress: [Progress];
  /** Something went wrong, but no record is lost: a staged file could not be deleted, or a listener threw. */
  warning: [RelytError];
  /** The task failed; every later call rejects with this error. An aborted task does not emit it. */
  failed: [RelytError];
}

/** Receives the payload of an event. A promise that it returns is not awaited. */
export type EventListener<Name extends keyof ProcessorEvents> = (
  ...payload: ProcessorEvents[Name]
) => void;
