/** Whether rows may be streamed into the target by COPY, because it makes the rows there that INSERT would make. */

import type { TargetColumn, TargetTable } from '../core/target-table.ts';
import type { Reader } from '../database/session.ts';
import { type CopyFacts, copyFacts } from '../database/statements/target.ts';
import type { HeldTables } from './hold-table.ts';

/** @param columns that rows get values for */
export function takesRowsStraight(
  { takesCopy, checkedNulls }: Pick<CopyFacts, 'takesCopy' | 'checkedNulls'>,
  columns: readonly Pick<TargetColumn, 'name'>[],
): boolean {
  const given = new Set(columns.map(({ name }) => name));
  return takesCopy && checkedNulls.every((name) => given.has(name));
}

/** @returns no copying where the table is gone just now */
export async function readCopyFacts(
  session: Reader,
  { schema, name }: Pick<TargetTable, 'schema' | 'name'>,
): Promise<CopyFacts> {
  const [facts] = await session.query<CopyFacts>(copyFacts(schema, name));
  return facts ?? { takesCopy: false, checkedNulls: [], meetsByLocks: false };
}

/** With the target held: rules, row security and types stay as they are found here. */
export async function mayCopyStraight(
  session: Reader,
  target: { readonly table: TargetTable; readonly columns: readonly TargetColumn[] },
  { beside, sameTypes }: Pick<HeldTables, 'beside' | 'sameTypes'>,
): Promise<boolean> {
  if (beside !== undefined || !sameTypes) return false;
  const { table, columns } = target;
  return takesRowsStraight(await readCopyFacts(session, table), columns);
}
