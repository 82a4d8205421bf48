import type { GroupColumn } from '../core/group-column.ts';
import type { TargetTable } from '../core/target-table.ts';
import type { Reader, Session } from '../database/session.ts';
import {
  forgetGroupColumn,
  storedGroupColumn,
  storeGroupColumn,
} from '../database/statements/stored-group-column.ts';
import type { RoutedTable } from './routed-table.ts';
import { shownName } from './routing-invalid.ts';

/** What a set-up stored for the table; undefined where none has. */
export async function readStoredColumn(
  session: Reader,
  main: TargetTable,
): Promise<GroupColumn | undefined> {
  const [stored] = await session.query<GroupColumn>(storedGroupColumn(shownName(main)));
  return stored;
}

/** For all programs that follow the routing of the table from the commit on. */
export async function writeStoredColumn(
  session: Session,
  main: TargetTable,
  column: GroupColumn,
): Promise<void> {
  await session.execute(forgetGroupColumn(shownName(main)));
  await session.execute(storeGroupColumn(shownName(main), column));
}

/**
 * Whether the column a routed table was found with is still the one to follow: a set-up may have stored another since.
 * True until the end of the transaction if the routing table is held.
 */
export async function isAsStored(
  session: Session,
  { main, groupColumn }: Pick<RoutedTable, 'main' | 'groupColumn'>,
): Promise<boolean> {
  const stored = await readStoredColumn(session, main);
  return stored === undefined || sameColumn(stored, groupColumn);
}

export function sameColumn(one: GroupColumn, other: GroupColumn): boolean {
  return one.main === other.main && one.auxiliary === other.auxiliary;
}
