import type { Dialect } from '../core/dialect.ts';
import { setUpCommand } from '../core/routing-commands.ts';
import { readTargetTable } from '../database/catalogue.ts';
import type { Reader, Session } from '../database/session.ts';
import { lockTable } from '../database/statements/target.ts';
import { RelytError } from '../errors.ts';
import { findRouting } from '../routing/find-routing.ts';
import type { RoutedTable } from '../routing/routed-table.ts';
import { hasSameColumns } from '../routing/same-columns.ts';
import { isAsStored } from '../routing/stored-column.ts';

export interface RoutedWanted {
  readonly schema: string;
  readonly table: string;
  /** The column of the groups, when it has none of the usual names. */
  readonly groupColumn: string | undefined;
}

/** @throws RelytError TABLE_NOT_FOUND, ROUTING_INVALID */
export async function readRouted(
  session: Reader,
  { schema, table, groupColumn }: RoutedWanted,
): Promise<RoutedTable> {
  const main = await readTargetTable(session, { schema, table });
  const routed = await findRouting(session, { main, groupColumn });
  if (routed !== undefined) return routed;
  const shown = `${schema}.${table}`;
  throw new RelytError('ROUTING_INVALID', `${shown} has no routing table.`, {
    details: { table: shown },
    hint: `Set it up first: \`${setUpCommand(main)}\`.`,
  });
}

/**
 * Holds both tables as they are until the end of the transaction, and says how that is: a column added in the middle of
 * a migration moves with the rows that are still to move.
 * @throws RelytError ROUTING_INVALID when the two tables do not match any more
 */
export async function holdRouted(
  session: Session,
  dialect: Dialect,
  { routed, groupColumn }: Pick<RoutedWanted, 'groupColumn'> & { readonly routed: RoutedTable },
): Promise<RoutedTable> {
  const { main, auxiliary } = routed;
  // Where a change locks the whole table, a weaker lock taken before it would let two sessions wait for each other.
  const lock = dialect.distributed ? 'access share' : 'row exclusive';
  // Imports lock them in this order as well.
  await session.execute(lockTable(main.schema, main.name, lock));
  await session.execute(lockTable(auxiliary.schema, auxiliary.name, lock));
  const same = (await hasSameColumns(session, main)) && (await hasSameColumns(session, auxiliary));
  if (same && (await isAsStored(session, routed))) return routed;
  return readRouted(session, { schema: main.schema, table: main.name, groupColumn });
}
