import { redact } from '../core/redaction.ts';
import { SQLSTATE } from '../core/sqlstate.ts';
import { classifyError, databaseError } from '../database/database-error.ts';
import { type ErrorDetails, RelytError } from '../errors.ts';
import type { ImportTarget } from './import-attempt.ts';
import type { ImportFile } from './import-file.ts';

/** The first bad record, as the isolation hands it over. */
interface FirstBad {
  readonly record: number;
  readonly code: string;
  readonly column: string | null;
  readonly constraint?: string | null;
  /** Row triggers in which it was refused, as SQL spells them. */
  readonly trigger?: string | null;
  /** Policies of row security that apply, as SQL spells them, or 'none'. */
  readonly policies?: string | null;
  readonly reason: string;
  /** Its line in the source, where that is known. */
  readonly line?: number | undefined;
}

/** A refused record past the limit, as the caller is told: which record, which column, why. */
export function refusedRecord(bad: FirstBad, target: ImportTarget): RelytError {
  const { table, mode } = target;
  const duplicate =
    bad.code === SQLSTATE.uniqueViolation && mode === 'insert' && table.key.length > 0;
  const hint =
    bad.code === SQLSTATE.uniqueViolation && !duplicate ? OTHER_UNIQUE : refuserHint(bad);
  return new RelytError(
    duplicate ? 'DUPLICATE_KEY' : 'IMPORT_REFUSED',
    `The database refused record ${bad.record}${lineOf(bad)}${columnOf(bad)}: ${redact(bad.reason)} [SQLSTATE ${bad.code}].`,
    { details: { ...placeOf(target), ...detailsOf(bad) }, ...(hint === undefined ? {} : { hint }) },
  );
}

const OTHER_UNIQUE =
  'Set conflictColumns to the columns of the constraint that refuses the record: onConflict decides by these columns only, by default by the primary key. Or correct the record.';

/** Where neither a type nor a constraint refuses the record: what to look at. */
function refuserHint({ trigger, policies }: FirstBad): string | undefined {
  if (trigger) return `Change the trigger ${trigger} of the table, then resume the task.`;
  if (!policies) return undefined;
  return policies === 'none'
    ? "Have the owner of the table create a policy that lets the role write, then resume the task: no policy of the table's row security does."
    : `Change the policies of the table's row security that refuse the record (${policies}), then resume the task.`;
}

function lineOf({ line }: FirstBad): string {
  return line === undefined ? '' : ` (line ${line})`;
}

function columnOf({ column }: FirstBad): string {
  return column === null ? '' : `, column "${column}"`;
}

function placeOf({ table, writer }: ImportTarget): ErrorDetails {
  return { processId: writer.processId, table: `${table.schema}.${table.name}` };
}

function detailsOf(bad: FirstBad): ErrorDetails {
  return {
    record: bad.record,
    sqlstate: bad.code,
    ...(bad.line === undefined ? {} : { line: bad.line }),
    ...(bad.column === null ? {} : { column: bad.column }),
    ...(bad.constraint ? { constraint: bad.constraint } : {}),
    ...(bad.trigger ? { trigger: bad.trigger } : {}),
    ...(bad.policies ? { policies: bad.policies } : {}),
  };
}

/** What ended an import. */
interface EndingFailure {
  readonly failure: unknown;
  /** Line of the record that it names (`recordNamedBy`), where both are known. */
  readonly line?: number | undefined;
}

/** The isolation gave up because there were more bad records than allowed; undefined when it was something else. */
export function tooManyRefused(
  ending: EndingFailure,
  limit: number,
  target: ImportTarget,
): RelytError | undefined {
  const bad = firstBad(ending, SQLSTATE.tooManyBadRecords);
  if (bad === undefined) return undefined;
  const first = refusedRecord(bad, target);
  if (limit === 0) return first;
  return new RelytError(
    'REJECT_LIMIT_EXCEEDED',
    `More records were refused than maxErrorRecords (${limit}) allows. The first of this import: ${first.message}`,
    { details: first.details, cause: first },
  );
}

/** The record for which an isolation gave up: its first bad one. Undefined for any other failure. */
export function recordNamedBy(failure: unknown): number | undefined {
  const ending = { failure };
  const bad =
    firstBad(ending, SQLSTATE.tooManyBadRecords) ?? firstBad(ending, SQLSTATE.noRecordPasses);
  return bad?.record;
}

function firstBad({ failure, line }: EndingFailure, sqlstate: string): FirstBad | undefined {
  const { code, detail } = failure as { code?: unknown; detail?: unknown };
  if (code !== sqlstate || typeof detail !== 'string') return undefined;
  return { ...(JSON.parse(detail) as FirstBad), line };
}

/**
 * Any other failure of an import, with its place. When no record passes, it is what the database said at first.
 * @param ending with the `refusal` for which it had begun to isolate bad records, if it had
 */
export function importFailure(
  ending: EndingFailure & { readonly refusal: unknown },
  files: readonly ImportFile[],
  target: ImportTarget,
): RelytError {
  const { failure, refusal } = ending;
  const bad = firstBad(ending, SQLSTATE.noRecordPasses);
  if (bad === undefined) return placedFailure(isolationFailure(failure, refusal), files, target);
  const error = placedFailure(refusal, files, target);
  const { message, cause, details } = error;
  const hint = refuserHint(bad);
  const code = hint === undefined ? error.code : 'IMPORT_REFUSED';
  return new RelytError(
    code,
    `${message} No record passes; the first one is record ${bad.record}${lineOf(bad)}${columnOf(bad)}.`,
    { details: { ...details, ...detailsOf(bad) }, hint: hint ?? error.hint, cause },
  );
}

/** An isolation that the database could not carry out tells less than what it was begun for. */
function isolationFailure(failure: unknown, refusal: unknown): unknown {
  return refusal === undefined || failure instanceof RelytError ? failure : refusal;
}

function placedFailure(
  failure: unknown,
  files: readonly ImportFile[],
  target: ImportTarget,
): RelytError {
  const place = placeOf(target);
  const count = files.length === 1 ? '1 staged file' : `${files.length} staged files`;
  const [first] = files;
  const error = databaseError(failure, `import ${count} into ${place.table}`, {
    ...place,
    ...(first === undefined ? {} : { fileId: String(first.fileId) }),
  });
  const { message, details, cause } = error;
  // One with a context comes from within: a trigger that looks for a column elsewhere.
  const isOurs = (failure as { where?: unknown }).where === undefined;
  if (details.sqlstate === SQLSTATE.undefinedColumn && isOurs)
    return new RelytError('TABLE_CHANGED', message, { details, cause });
  if (classifyError(failure) !== 'record') return error;
  return new RelytError('IMPORT_REFUSED', message, { details, cause });
}

/** Time is up; `failure` is what went wrong in the last attempt. */
export function importTimeout(
  failure: unknown,
  { seconds, attempts }: { readonly seconds: number; readonly attempts: number },
  target: ImportTarget,
): RelytError {
  const last = databaseError(failure, 'import');
  const tried = attempts === 1 ? '1 attempt' : `${attempts} attempts`;
  return new RelytError(
    'IMPORT_TIMEOUT',
    `The import did not succeed within ${seconds} s (${tried}). The last failure: ${last.message}`,
    { details: { ...last.details, ...placeOf(target) }, cause: last },
  );
}
