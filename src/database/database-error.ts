import type pg from 'pg';
import { classifyFailure, type FailureClass } from '../core/failure.ts';
import { redact } from '../core/redaction.ts';
import { safeCause } from '../core/safe-error.ts';
import { sentence } from '../core/sentence.ts';
import { classOf, SQLSTATE, SQLSTATE_CLASS } from '../core/sqlstate.ts';
import { type ErrorCode, type ErrorDetails, RelytError } from '../errors.ts';
import { isServerError } from './server-error.ts';

/** SQLSTATE → our code, where one is better than DATABASE_ERROR. Classes stand for all of theirs. */
const CODE_BY_SQLSTATE: Readonly<Record<string, ErrorCode>> = {
  [SQLSTATE_CLASS.connectionException]: 'DATABASE_UNREACHABLE',
  [SQLSTATE_CLASS.operatorIntervention]: 'DATABASE_UNREACHABLE',
  [SQLSTATE.queryCanceled]: 'DATABASE_ERROR',
  [SQLSTATE_CLASS.invalidAuthorization]: 'DATABASE_AUTH_FAILED',
  [SQLSTATE.invalidCatalogName]: 'DATABASE_AUTH_FAILED',
  [SQLSTATE.insufficientPrivilege]: 'DATABASE_PERMISSION_DENIED',
  [SQLSTATE.undefinedTable]: 'TABLE_NOT_FOUND',
  [SQLSTATE.invalidSchemaName]: 'TABLE_NOT_FOUND',
  [SQLSTATE.externalRoutineException]: 'S3_DOWNLOAD_FAILED',
};

/** The SQLSTATE or errno of an error of node-postgres; undefined for a connection that just broke. */
export function failureCode(error: unknown): string | undefined {
  if (error instanceof RelytError) return error.details.sqlstate ?? failureCode(error.cause);
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === 'string' ? code : undefined;
}

/**
 * Wraps an error of node-postgres. `doing` completes the sentence "Could not …".
 * The cause attached is a copy of the driver's error without what may carry a secret or row data.
 */
export function databaseError(
  error: unknown,
  doing: string,
  details: ErrorDetails = {},
): RelytError {
  if (error instanceof RelytError) return error.at(details);
  const sqlstate = failureCode(error);
  const message = redact(error instanceof Error ? error.message : String(error));
  const code = codeOf(error, sqlstate);
  const fromServer = isServerError(error);
  const { column, constraint } = fromServer ? error : {};
  const text = fromServer
    ? serverText(error, message)
    : message || sqlstate || 'the connection was lost';
  return new RelytError(code, sentence(`Could not ${doing}: ${text}`), {
    details: {
      ...details,
      ...(fromServer && sqlstate !== undefined ? { sqlstate } : {}),
      ...(column === undefined ? {} : { column }),
      ...(constraint === undefined ? {} : { constraint }),
    },
    cause: safeCause(error),
  });
}

/**
 * What a failure means for trying again: by SQLSTATE or errno, and a connection that just broke is transient.
 * Waiting never fixes a fault of the program.
 */
export function classifyError(error: unknown): FailureClass {
  if (isProgramFault(error)) return 'permanent';
  // Whatever broke it, another download may come through.
  if (error instanceof RelytError && error.code === 'S3_DOWNLOAD_FAILED') return 'transient';
  const code = failureCode(error);
  const failed = classifyFailure(code);
  if (!(error instanceof RelytError)) return failed;
  // What was looked into already, and has a code of its own, is not the fault of a record.
  if (code !== undefined) return failed === 'suspect' ? 'permanent' : failed;
  const passes = error.code === 'DATABASE_UNREACHABLE' || error.code.startsWith('S3_UN');
  return passes ? 'transient' : 'permanent';
}

function isProgramFault(error: unknown): boolean {
  return (
    error instanceof TypeError || error instanceof RangeError || error instanceof ReferenceError
  );
}

const ABSENT: ReadonlySet<string> = new Set([
  SQLSTATE.undefinedTable,
  SQLSTATE.invalidSchemaName,
  SQLSTATE.undefinedFunction,
]);

function codeOf(error: unknown, sqlstate: string | undefined): ErrorCode {
  if (isProgramFault(error)) return 'INTERNAL';
  if (!isServerError(error) || sqlstate === undefined) return 'DATABASE_UNREACHABLE';
  // No field of the error says what is missing; its name is in the text of every language.
  if (ABSENT.has(sqlstate) && /\brelyt_sys\b/.test(error.message)) return 'SCHEMA_MISSING';
  return CODE_BY_SQLSTATE[sqlstate] ?? CODE_BY_SQLSTATE[classOf(sqlstate)] ?? 'DATABASE_ERROR';
}

function serverText(error: pg.DatabaseError, message: string): string {
  // The caller knows the values of a failing row, and they may be long.
  const hasDetail = error.detail !== undefined && !error.detail.startsWith('Failing row contains');
  const detail = hasDetail ? ` (${redact(error.detail ?? '')})` : '';
  const hint = error.hint === undefined ? '' : ` — ${redact(error.hint)}`;
  return `${message}${detail}${hint} [SQLSTATE ${error.code}]`;
}
