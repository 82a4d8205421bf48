import { classOf, isDataError, SQLSTATE, SQLSTATE_CLASS } from './sqlstate.ts';

/**
 * What a failure of the database means for an import, by SQLSTATE and errno, never by message text.
 *
 * - `transient`: the same thing may work in a moment;
 * - `record`: a record of the file is at fault (classes 22 and 23, and the CSV format class of COPY);
 * - `permanent`: somebody has to act first.
 */
export type FailureClass = 'transient' | 'record' | 'permanent';

/** SQLSTATE classes that pass by themselves: connection, resources, operator intervention, system error. */
const TRANSIENT_CLASSES: ReadonlySet<string> = new Set([
  SQLSTATE_CLASS.connectionException,
  SQLSTATE_CLASS.insufficientResources,
  SQLSTATE_CLASS.operatorIntervention,
  SQLSTATE_CLASS.systemError,
]);

/** A program that failed (38000) is the download of a staged file. */
const TRANSIENT_STATES: ReadonlySet<string> = new Set([
  SQLSTATE.serializationFailure,
  SQLSTATE.deadlockDetected,
  SQLSTATE.statementCompletionUnknown,
  SQLSTATE.lockNotAvailable,
  SQLSTATE.idleInTransactionSessionTimeout,
  SQLSTATE.externalRoutineException,
]);

/** In classes 57 and 53, but no waiting mends them. */
const PERMANENT_STATES: ReadonlySet<string> = new Set([
  SQLSTATE.databaseDropped,
  SQLSTATE.configurationLimitExceeded,
]);

/** Errors of the socket or the resolver: the database may come back. */
const TRANSIENT_ERRNOS = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENETDOWN',
  'EAI_AGAIN',
  'ENOTFOUND',
]);

/** The class of a SQLSTATE (five characters) or errno name; a connection that broke without a code is `undefined` and transient. */
export function classifyFailure(code: string | undefined): FailureClass {
  if (code === undefined) return 'transient';
  if (TRANSIENT_ERRNOS.has(code) || TRANSIENT_STATES.has(code)) return 'transient';
  if (PERMANENT_STATES.has(code)) return 'permanent';
  if (isDataError(code)) return 'record';
  return TRANSIENT_CLASSES.has(classOf(code)) ? 'transient' : 'permanent';
}
