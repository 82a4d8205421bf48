import type { TargetTable } from '../core/target-table.ts';
import type { Session } from '../database/session.ts';
import { allColumnTypes } from '../database/statements/target.ts';

/**
 * Whether the table has the columns, with the types, that it had when it was read. True until the end of the
 * transaction if the table is held.
 */
export async function hasSameColumns(session: Session, table: TargetTable): Promise<boolean> {
  const { schema, name, columns } = table;
  const now = await session.query<{ name: string; sqlType: string }>(allColumnTypes(schema, name));
  return (
    now.length === columns.length &&
    now.every((column, n) => {
      const known = columns[n];
      return column.name === known?.name && column.sqlType === known.sqlType;
    })
  );
}
