/** What the diagnostics channels carry. `docs/guide/telemetry.md` says when. */

import type { ImportCounts } from '../core/import-counts.ts';
import type { RelytError } from '../errors.ts';

/** Of a step that takes time. The same object goes through all events of one step; these members come with its end. */
export interface StepMessage {
  /** Time from its start to its end. */
  seconds?: number;
  /** Set when it failed. */
  error?: RelytError;
}

/** A staged file has been filled with encoded records and takes no more. */
export interface EncodeMessage {
  readonly processId: string;
  /** Target, as schema.table. */
  readonly table: string;
  readonly fileId: number;
  readonly records: number;
  /** Of encoded rows, before compression. */
  readonly bytes: number;
  readonly layout: 'csv' | 'binary' | 'tuples';
  /** From the first record of the file to its last one. */
  readonly seconds: number;
}

/** A staged file on its way to S3: from its first byte sent until S3 has all of it. */
export interface UploadMessage extends StepMessage {
  readonly processId: string;
  readonly table: string;
  readonly fileId: number;
  readonly bucket: string;
  readonly key: string;
  /** Of the S3 object; comes with the end. */
  bytes?: number;
  /** Of the multipart upload, 0 when one request did it; comes with the end. */
  parts?: number;
}

/** Staged files that are made safe together, in one transaction. */
export interface FreezeMessage extends StepMessage {
  readonly processId: string;
  readonly table: string;
  readonly fileIds: readonly number[];
  readonly records: number;
}

/** One import, its retries included. */
interface ImportMessage extends StepMessage {
  readonly processId: string;
  readonly table: string;
  readonly importId: number;
  readonly fileIds: readonly number[];
  readonly records: number;
  /** Comes with the end, when it was committed. */
  counts?: ImportCounts;
}

/** What failed and is tried again. */
export interface RetryMessage {
  /** What is tried again: an import, a write to the bookkeeping, a request to S3, a transaction of a migration. */
  readonly step: 'import' | 'bookkeeping' | 's3' | 'migrate';
  /** Undefined where only one request is known: of S3, of a migration. */
  readonly processId: string | undefined;
  /** The one that failed; 1 for the first. */
  readonly attempt: number;
  /** Until the next one. */
  readonly waitSeconds: number;
  /** SQLSTATE, errno name, or code of a RelytError; undefined where there is none. */
  readonly code: string | undefined;
}

/** A record was left out and kept. */
export interface RejectMessage {
  readonly processId: string;
  readonly table: string;
  /** Its number within the task. */
  readonly record: number;
  /** Who refused it: the encoder, or the database in an import. */
  readonly stage: 'encode' | 'import';
  readonly error: RelytError;
}

/** A group that moves between the main and the auxiliary table. */
interface MigrateMessage extends StepMessage {
  /** Main table, as schema.table. */
  readonly table: string;
  readonly group: string;
  readonly direction: 'to-auxiliary' | 'to-main';
  /** Comes with the end; left out when another migration moved it. */
  rows?: number;
}

/** By the name of the channel. Those of steps that take time are tracing channels: `tracing:relyt:import:start` … */
export interface DiagnosticMessages {
  'relyt:encode': EncodeMessage;
  'relyt:upload': UploadMessage;
  'relyt:freeze': FreezeMessage;
  'relyt:import': ImportMessage;
  'relyt:retry': RetryMessage;
  'relyt:reject': RejectMessage;
  'relyt:migrate': MigrateMessage;
}
