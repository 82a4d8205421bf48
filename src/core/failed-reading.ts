import type { ErrorCode } from '../error-codes.ts';
import { isDataError, SQLSTATE } from './sqlstate.ts';

/** How a failed attempt of an import may come from the bytes it read, not from the records in them. */
export type ByteSuspicion =
  /** It cannot. */
  | 'none'
  /** Look what S3 says of the objects. */
  | 'objects'
  /** The bytes were other ones than were staged, or keep being unreadable: read the objects to see whose they are. */
  | 'bytes';

export interface FailedReading {
  /** SQLSTATE, where the database says so. */
  readonly sqlstate: string | undefined;
  /** Code of this package, where the failure has one. */
  readonly code: ErrorCode | undefined;
  /** Downloads of this import that failed, this one included. */
  readonly downloads: number;
}

/** A cut line, a page of HTML and a bad record look alike to COPY, so none of them is trusted without a check (G2). */
export function suspectedBytes({ sqlstate, code, downloads }: FailedReading): ByteSuspicion {
  if (code === 'S3_DOWNLOAD_FAILED') return 'bytes';
  if (sqlstate === SQLSTATE.externalRoutineException) return downloads > 1 ? 'bytes' : 'objects';
  if (sqlstate !== undefined) return isDataError(sqlstate) ? 'objects' : 'none';
  if (code === 'COUNT_MISMATCH' || code === 'STAGED_FILE_LOST') return 'objects';
  return code?.startsWith('S3_') ? 'objects' : 'none';
}

/** Errors of COPY that say nothing of the records, once every column is read as text: a loader wrote these lines. */
const BROKEN_TEXT: ReadonlySet<string> = new Set([
  SQLSTATE.badCopyFileFormat,
  SQLSTATE.invalidTextRepresentation,
  SQLSTATE.numericValueOutOfRange,
  SQLSTATE.characterNotInRepertoire,
]);

/** Whether lines that are read as text cannot be those that were staged. */
export function isBrokenText(sqlstate: string | undefined): boolean {
  return sqlstate !== undefined && BROKEN_TEXT.has(sqlstate);
}
