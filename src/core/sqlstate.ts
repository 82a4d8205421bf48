/**
 * The SQLSTATEs this package reacts to or raises, under the names of PostgreSQL's manual (appendix A).
 * Applied schema migrations keep their text, so theirs are there.
 */
export const SQLSTATE = {
  cardinalityViolation: '21000',
  numericValueOutOfRange: '22003',
  characterNotInRepertoire: '22021',
  untranslatableCharacter: '22P05',
  invalidTextRepresentation: '22P02',
  badCopyFileFormat: '22P04',
  notNullViolation: '23502',
  foreignKeyViolation: '23503',
  uniqueViolation: '23505',
  checkViolation: '23514',
  exclusionViolation: '23P01',
  inFailedTransaction: '25P02',
  idleInTransactionSessionTimeout: '25P03',
  invalidAuthorization: '28000',
  dependentObjectsStillExist: '2BP01',
  externalRoutineException: '38000',
  invalidCatalogName: '3D000',
  invalidSchemaName: '3F000',
  serializationFailure: '40001',
  statementCompletionUnknown: '40003',
  deadlockDetected: '40P01',
  insufficientPrivilege: '42501',
  undefinedColumn: '42703',
  undefinedObject: '42704',
  undefinedFunction: '42883',
  undefinedTable: '42P01',
  configurationLimitExceeded: '53400',
  objectNotInPrerequisiteState: '55000',
  lockNotAvailable: '55P03',
  queryCanceled: '57014',
  databaseDropped: '57P04',
  internalError: 'XX000',
  dataCorrupted: 'XX001',
  indexCorrupted: 'XX002',
  /** Our own: an isolation met more bad records than allowed; the DETAIL is the first of them as JSON. */
  tooManyBadRecords: 'RL001',
  /** Our own: an isolation met no good record, and it is not clear that records are at fault; DETAIL as above. */
  noRecordPasses: 'RL002',
  /** Our own: triggers change the table they belong to, so that its statistics do not tell what an import did. */
  changedByTriggers: 'RL003',
  /** Our own: what is to be called, or to hold a secret, belongs to a role that is not trusted. */
  untrustedOwner: 'RL004',
  /** Our own: S3 answered with another object than was asked for; the DETAIL is the number of the file. */
  otherObject: 'RL005',
} as const;

/** The first two characters of a SQLSTATE say what kind of failure it is. */
export const SQLSTATE_CLASS = {
  connectionException: '08',
  dataException: '22',
  integrityConstraintViolation: '23',
  invalidTransactionState: '25',
  invalidStatementName: '26',
  invalidAuthorization: '28',
  invalidCatalogName: '3D',
  invalidSchemaName: '3F',
  transactionRollback: '40',
  insufficientResources: '53',
  operatorIntervention: '57',
  systemError: '58',
  configFileError: 'F0',
  internalError: 'XX',
} as const;

/** The class of a SQLSTATE; of any other code (an errno name) something that is not a class. */
export function classOf(code: string): string {
  return code.slice(0, 2);
}

/** Five digits and capital letters; errno names are longer, except for a few. */
export function isSqlstate(code: string): boolean {
  return /^[0-9A-Z]{5}$/.test(code);
}

/** A value or a constraint refuses a record. */
export function isDataError(sqlstate: string): boolean {
  const { dataException, integrityConstraintViolation } = SQLSTATE_CLASS;
  return [dataException, integrityConstraintViolation].some((it) => it === classOf(sqlstate));
}

/** The server ended the session with this error: shutdown, crash, or a timeout of the connection (57P01 to 57P05). */
export function endsSession(sqlstate: string): boolean {
  return sqlstate.startsWith('57P0') || classOf(sqlstate) === SQLSTATE_CLASS.connectionException;
}
