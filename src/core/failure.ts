import { classOf, isDataError, isSqlstate, SQLSTATE, SQLSTATE_CLASS } from './sqlstate.ts';

/**
 * What a failure of the database means for an import, by SQLSTATE and errno, never by message text.
 *
 * - `transient`: the same thing may work in a moment;
 * - `record`: a record of the file is at fault (classes 22 and 23, and the CSV format class of COPY);
 * - `suspect`: a record may be at fault, or the statement as a whole: only an isolation can tell;
 * - `permanent`: the user must act first.
 */
export type FailureClass = 'transient' | 'record' | 'suspect' | 'permanent';

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

/**
 * Waiting does not fix these, and no record causes them. Damaged storage is never worked around, so a trigger that raises
 * its SQLSTATEs ends the task: the two cannot be told apart.
 */
const PERMANENT_STATES: ReadonlySet<string> = new Set([
  SQLSTATE.databaseDropped,
  SQLSTATE.configurationLimitExceeded,
  SQLSTATE.dataCorrupted,
  SQLSTATE.indexCorrupted,
  SQLSTATE.tooManyBadRecords,
  SQLSTATE.noRecordPasses,
  SQLSTATE.changedByTriggers,
]);

/** Classes of the session, the server and its files, whatever was loaded. */
const PERMANENT_CLASSES: ReadonlySet<string> = new Set([
  SQLSTATE_CLASS.invalidTransactionState,
  SQLSTATE_CLASS.invalidAuthorization,
  SQLSTATE_CLASS.invalidCatalogName,
  SQLSTATE_CLASS.transactionRollback,
  SQLSTATE_CLASS.configFileError,
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
  if (TRANSIENT_CLASSES.has(classOf(code))) return 'transient';
  return isSqlstate(code) && !PERMANENT_CLASSES.has(classOf(code)) ? 'suspect' : 'permanent';
}

/**
 * A regular expression, for SQL as for JavaScript, of the SQLSTATEs that never are a record's fault. Where rows are
 * written that have been read already, a program that failed is none that downloads: a trigger in Python, say.
 */
export const NEVER_OF_A_RECORD: string = (() => {
  const states = [...TRANSIENT_STATES, ...PERMANENT_STATES].filter(
    (state) => state !== SQLSTATE.externalRoutineException,
  );
  return `^(${[...TRANSIENT_CLASSES, ...PERMANENT_CLASSES, ...states].join('|')})`;
})();
