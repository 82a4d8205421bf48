import { DatabaseError } from 'pg';
import { classifyFailure, type FailureClass } from '../core/failure.ts';
import { type ErrorCode, type ErrorDetails, RelytError } from '../errors.ts';

/** SQLSTATE → our code, where one is better than DATABASE_ERROR. Class entries have two characters. */
const CODE_BY_SQLSTATE: Readonly<Record<string, ErrorCode>> = {
  '08': 'DATABASE_UNREACHABLE',
  '57': 'DATABASE_UNREACHABLE',
  '57014': 'DATABASE_ERROR',
  '28': 'DATABASE_AUTH_FAILED',
  '3D000': 'DATABASE_AUTH_FAILED',
  '42501': 'DATABASE_PERMISSION_DENIED',
  '42P01': 'TABLE_NOT_FOUND',
  '3F000': 'SCHEMA_MISSING',
  '38000': 'S3_DOWNLOAD_FAILED',
};

/** The SQLSTATE or errno of an error of node-postgres; undefined for a connection that just broke. */
export function failureCode(error: unknown): string | undefined {
  if (error instanceof RelytError) return error.details.sqlstate ?? failureCode(error.cause);
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === 'string' ? code : undefined;
}

/** Removes what could carry a secret: query strings of presigned URLs and commands that hold them. */
export function redact(text: string): string {
  return (
    text
      .replace(/program "[\s\S]*?" failed/g, 'program failed')
      .replace(/\?[^\s'"]*X-Amz[^\s'"]*/gi, '?…')
      .replace(/\b(accessid|secret|password|token)=[^\s'"]+/gi, '$1=…')
      // Where on a cluster it happened: internal addresses, and other ones at every run.
      .replace(/\s*\((?:seg\d+|entry db)\b[^)]*pid=\d+\)/g, '')
  );
}

/**
 * Wraps an error of node-postgres. `doing` completes the sentence "could not …".
 * The driver's error is attached as cause only when it cannot carry a secret.
 */
export function databaseError(
  error: unknown,
  doing: string,
  details: ErrorDetails = {},
): RelytError {
  if (error instanceof RelytError) return error.at(details);
  const sqlstate = failureCode(error);
  const message = redact(error instanceof Error ? error.message : String(error));
  const isServerError = error instanceof DatabaseError;
  const code = codeOf(error, sqlstate);
  const column = isServerError ? error.column : undefined;
  const text = isServerError
    ? serverText(error, message)
    : message || sqlstate || 'connection lost';
  return new RelytError(code, `could not ${doing}: ${text}`, {
    details: {
      ...details,
      ...(isServerError && sqlstate !== undefined ? { sqlstate } : {}),
      ...(column === undefined ? {} : { column }),
    },
    cause: safeCause(error),
  });
}

/**
 * What a failure means for trying again: by SQLSTATE or errno, and a connection that just broke is transient.
 * A fault of the program passes with no amount of patience.
 */
export function classifyError(error: unknown): FailureClass {
  if (isProgramFault(error)) return 'permanent';
  const code = failureCode(error);
  if (!(error instanceof RelytError) || code !== undefined) return classifyFailure(code);
  const passes = error.code === 'DATABASE_UNREACHABLE' || error.code.startsWith('S3_UN');
  return passes ? 'transient' : 'permanent';
}

function isProgramFault(error: unknown): boolean {
  return (
    error instanceof TypeError || error instanceof RangeError || error instanceof ReferenceError
  );
}

function codeOf(error: unknown, sqlstate: string | undefined): ErrorCode {
  if (isProgramFault(error)) return 'INTERNAL';
  if (!(error instanceof DatabaseError) || sqlstate === undefined) return 'DATABASE_UNREACHABLE';
  return CODE_BY_SQLSTATE[sqlstate] ?? CODE_BY_SQLSTATE[sqlstate.slice(0, 2)] ?? 'DATABASE_ERROR';
}

function serverText(error: DatabaseError, message: string): string {
  // The values of a failing row are no news to the caller and may be long.
  const hasDetail = error.detail !== undefined && !error.detail.startsWith('Failing row contains');
  const detail = hasDetail ? ` (${redact(error.detail ?? '')})` : '';
  const hint = error.hint === undefined ? '' : ` — ${redact(error.hint)}`;
  return `${message}${detail}${hint} [SQLSTATE ${error.code}]`;
}

/** A copy that keeps stack and code but none of the fields that may hold row data, statements or commands. */
function safeCause(error: unknown): Error {
  if (!(error instanceof Error)) return new Error(redact(String(error)));
  const copy = new Error(redact(error.message));
  copy.name = error.name;
  if (error.stack !== undefined) copy.stack = redact(error.stack);
  const code = failureCode(error);
  return code === undefined ? copy : Object.assign(copy, { code });
}
