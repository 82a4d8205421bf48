import type { TableName } from '../core/table-name.ts';
import type { TargetTable } from '../core/target-table.ts';
import { readTargetTable } from '../database/catalogue.ts';
import type { Reader } from '../database/session.ts';
import { findTable } from '../database/statements/task-details.ts';
import { RelytError } from '../errors.ts';

/** The table that the `schema.table` of a task means; undefined when it is gone. */
export async function findTargetName(
  session: Reader,
  pgTable: string,
): Promise<TableName | undefined> {
  const [found] = await session.query<TableName>(findTable(pgTable));
  return found;
}

/**
 * The same table with its columns, whatever kind of database it is in.
 * @throws RelytError TABLE_UNSUPPORTED
 */
export async function findTarget(
  session: Reader,
  pgTable: string,
): Promise<TargetTable | undefined> {
  const found = await findTargetName(session, pgTable);
  if (found === undefined) return undefined;
  try {
    return await readTargetTable(session, found);
  } catch (error) {
    // The table was dropped a moment ago: the records can still be shown.
    if (error instanceof RelytError && error.code === 'TABLE_NOT_FOUND') return undefined;
    throw error;
  }
}
