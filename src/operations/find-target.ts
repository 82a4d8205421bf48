import type { TargetTable } from '../core/target-table.ts';
import { readTargetTable } from '../database/catalogue.ts';
import type { Database } from '../database/database.ts';
import { findTable } from '../database/statements/task-details.ts';
import { RelytError } from '../errors.ts';

/** The table that the `schema.table` of a task means; undefined when it is gone. */
export async function findTarget(
  database: Database,
  pgTable: string,
): Promise<TargetTable | undefined> {
  const [found] = await database.query<{ schema: string; table: string }>(findTable(pgTable));
  if (found === undefined) return undefined;
  try {
    return await readTargetTable(database, found.schema, found.table);
  } catch (error) {
    // Dropped a moment ago: the records can be shown all the same.
    if (error instanceof RelytError && error.code === 'TABLE_NOT_FOUND') return undefined;
    throw error;
  }
}
