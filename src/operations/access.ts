/** How an operation reaches the database: one connection, and errors that say what was looked for. */

import type { AccessConfig } from '../config/access-config.ts';
import { resolveAccess } from '../config/access-schema.ts';
import { withoutSecrets } from '../core/safe-error.ts';
import { SQLSTATE } from '../core/sqlstate.ts';
import { Database } from '../database/database.ts';
import { databaseError, failureCode } from '../database/database-error.ts';
import type { Reader } from '../database/session.ts';
import { readBookkeeping } from '../database/statements/bookkeeping.ts';
import { RelytError } from '../errors.ts';

const NOT_INSTALLED: ReadonlySet<string> = new Set([
  SQLSTATE.undefinedTable,
  SQLSTATE.invalidSchemaName,
  SQLSTATE.undefinedColumn,
  SQLSTATE.undefinedFunction,
]);

/** Runs `work` with a connection that is closed afterwards. `doing` completes "Could not …". */
export async function withDatabase<T>(
  config: AccessConfig,
  doing: string,
  work: (database: Database) => Promise<T>,
): Promise<T> {
  const database = databaseOf(config);
  try {
    return await work(database);
  } catch (error) {
    throw operationError(error, doing);
  } finally {
    await database.close();
  }
}

/** For the caller to close. */
export function databaseOf(config: AccessConfig): Database {
  const { postgresql } = resolveAccess(config);
  return new Database(postgresql, { connections: 2, applicationName: 'relyt' });
}

export function operationError(error: unknown, doing: string): RelytError {
  if (!(error instanceof RelytError) && NOT_INSTALLED.has(failureCode(error) ?? '')) {
    return schemaMissing(databaseError(error, doing));
  }
  return withoutSecrets(databaseError(error, doing));
}

/** Whether the tables of this package are there; a database of the Go SDK has the checkpoint table only. */
export async function hasTaskTables(database: Reader): Promise<boolean> {
  const { checkpoint, tasks } = await readBookkeeping(database);
  if (!checkpoint) throw schemaMissing();
  return tasks;
}

export function schemaMissing(cause?: unknown): RelytError {
  return new RelytError('SCHEMA_MISSING', 'This database has no tables of tasks in relyt_sys.', {
    cause,
  });
}

export function taskNotFound(processId: string): RelytError {
  return new RelytError(
    'TASK_NOT_FOUND',
    `There is no task ${processId} in this database, or this role cannot see it.`,
    {
      details: { processId },
    },
  );
}
