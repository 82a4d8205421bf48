/**
 * What a failure of the database means for an import, by SQLSTATE and errno, never by message text.
 *
 * - `transient`: the same thing may work in a moment;
 * - `record`: a record of the file is at fault (classes 22 and 23, and the CSV format class of COPY);
 * - `permanent`: somebody has to act first.
 */
export type FailureClass = 'transient' | 'record' | 'permanent';

/** SQLSTATE classes that pass by themselves: connection, resources, operator intervention, system error. */
const TRANSIENT_CLASSES = new Set(['08', '53', '57', '58']);

/** Serialization failure, deadlock, lock not available, idle session ended, program (S3 download) failed. */
const TRANSIENT_STATES = new Set(['40001', '40P01', '40003', '55P03', '25P03', '38000']);

/** In class 57 and 53, but no waiting mends them: database dropped, configuration limit, out of disk by quota. */
const PERMANENT_STATES = new Set(['57P04', '53400']);

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
  const sqlClass = code.slice(0, 2);
  if (sqlClass === '22' || sqlClass === '23') return 'record';
  return TRANSIENT_CLASSES.has(sqlClass) ? 'transient' : 'permanent';
}
