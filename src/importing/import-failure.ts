import { redact } from '../core/redaction.ts';
import { SQLSTATE } from '../core/sqlstate.ts';
import { classifyError, databaseError } from '../database/database-error.ts';
import { RelytError } from '../errors.ts';
import type { ImportFile } from './import-file.ts';
import type { ImportTarget } from './import-transaction.ts';

/** The first bad record, as the isolation hands it over. */
interface FirstBad {
  readonly record: number;
  readonly code: string;
  readonly column: string | null;
  readonly constraint?: string | null;
  readonly reason: string;
}

/** A refused record past the limit, as the caller is told: which record, which column, why. */
export function refusedRecord(bad: FirstBad, target: ImportTarget): RelytError {
  const { table, mode, writer } = target;
  const place = bad.column === null ? '' : `, column "${bad.column}"`;
  const duplicate =
    bad.code === SQLSTATE.uniqueViolation && mode === 'insert' && table.primaryKey.length > 0;
  const column = bad.column === null ? {} : { column: bad.column };
  const constraint = bad.constraint ? { constraint: bad.constraint } : {};
  return new RelytError(
    duplicate ? 'DUPLICATE_KEY' : 'IMPORT_REFUSED',
    `the database refused record ${bad.record}${place}: ${redact(bad.reason)} [SQLSTATE ${bad.code}]`,
    {
      details: {
        processId: writer.processId,
        table: `${table.schema}.${table.name}`,
        record: bad.record,
        sqlstate: bad.code,
        ...column,
        ...constraint,
      },
      ...(bad.code === SQLSTATE.uniqueViolation && !duplicate ? { hint: OTHER_UNIQUE } : {}),
    },
  );
}

const OTHER_UNIQUE =
  'Another unique constraint than the primary key refuses the record; onConflict looks at the primary key only.';

/** The isolation gave up because there were more bad records than allowed; undefined when it was something else. */
export function tooManyRefused(
  failure: unknown,
  limit: number,
  target: ImportTarget,
): RelytError | undefined {
  const { code, detail } = failure as { code?: unknown; detail?: unknown };
  if (code !== SQLSTATE.tooManyBadRecords || typeof detail !== 'string') return undefined;
  const first = refusedRecord(JSON.parse(detail) as FirstBad, target);
  if (limit === 0) return first;
  return new RelytError(
    'REJECT_LIMIT_EXCEEDED',
    `more records were refused than maxErrorRecords (${limit}) allows; the first of this import: ${first.message}`,
    { details: first.details, cause: first },
  );
}

/** Any other failure of an import, with its place. */
export function importFailure(
  failure: unknown,
  files: readonly ImportFile[],
  target: ImportTarget,
): RelytError {
  const { table, writer } = target;
  const shown = `${table.schema}.${table.name}`;
  const count = files.length === 1 ? '1 staged file' : `${files.length} staged files`;
  const [first] = files;
  const error = databaseError(failure, `import ${count} into ${shown}`, {
    processId: writer.processId,
    table: shown,
    ...(first === undefined ? {} : { fileId: String(first.fileId) }),
  });
  const { message, details, cause } = error;
  // One with a context comes from within: a trigger that looks for a column elsewhere.
  const isOurs = (failure as { where?: unknown }).where === undefined;
  if (details.sqlstate === SQLSTATE.undefinedColumn && isOurs)
    return new RelytError('TABLE_CHANGED', message, { details, cause });
  if (classifyError(failure) !== 'record') return error;
  return new RelytError('IMPORT_REFUSED', error.message, {
    details: error.details,
    cause: error.cause,
  });
}

/** Time is up; `failure` is what went wrong in the last attempt. */
export function importTimeout(
  failure: unknown,
  { seconds, attempts }: { readonly seconds: number; readonly attempts: number },
  { writer, table }: ImportTarget,
): RelytError {
  const last = databaseError(failure, 'import');
  const tried = attempts === 1 ? '1 attempt' : `${attempts} attempts`;
  const place = { processId: writer.processId, table: `${table.schema}.${table.name}` };
  return new RelytError(
    'IMPORT_TIMEOUT',
    `the import did not succeed within ${seconds} s (${tried}); the last failure: ${last.message}`,
    { details: { ...last.details, ...place }, cause: last },
  );
}
