import { TOO_MANY_BAD } from '../applying/bad-row.ts';
import { redact } from '../core/redaction.ts';
import { classifyError, databaseError } from '../database/database-error.ts';
import { RelytError } from '../errors.ts';
import type { ImportFile, ImportTarget } from './import-transaction.ts';

const UNIQUE_VIOLATION = '23505';
const UNDEFINED_COLUMN = '42703';

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
    bad.code === UNIQUE_VIOLATION && mode === 'insert' && table.primaryKey.length > 0;
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
      ...(bad.code === UNIQUE_VIOLATION && !duplicate ? { hint: OTHER_UNIQUE } : {}),
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
  if (code !== TOO_MANY_BAD || typeof detail !== 'string') return undefined;
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
  if (details.sqlstate === UNDEFINED_COLUMN && isOurs)
    return new RelytError('TABLE_CHANGED', message, { details, cause });
  if (classifyError(failure) !== 'record') return error;
  return new RelytError('IMPORT_REFUSED', error.message, {
    details: error.details,
    cause: error.cause,
  });
}
