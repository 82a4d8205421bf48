import type { TargetTable } from '../core/target-table.ts';
import { readTargetTable } from '../database/catalogue.ts';
import type { Database } from '../database/database.ts';
import type { Session } from '../database/session.ts';
import { findTable } from '../database/statements/task-details.ts';
import { detectEngine } from '../engines/detect.ts';
import { RelytError } from '../errors.ts';

/** A table by its name, in a database of any kind. @throws RelytError TABLE_NOT_FOUND, TABLE_UNSUPPORTED */
export async function readTarget(
  session: Session,
  name: { readonly schema: string; readonly table: string },
): Promise<TargetTable> {
  const { dialect } = await detectEngine(session, 'auto');
  return readTargetTable(session, dialect, name);
}

/** The table that the `schema.table` of a task means; undefined when it is gone. */
export async function findTarget(
  database: Database,
  pgTable: string,
): Promise<TargetTable | undefined> {
  const [found] = await database.query<{ schema: string; table: string }>(findTable(pgTable));
  if (found === undefined) return undefined;
  try {
    return await readTarget(database, found);
  } catch (error) {
    // Dropped a moment ago: the records can be shown all the same.
    if (error instanceof RelytError && error.code === 'TABLE_NOT_FOUND') return undefined;
    throw error;
  }
}
