import { auxiliaryName } from '../core/group-column.ts';
import type { TableName } from '../core/table-name.ts';
import type { Transaction } from '../database/session.ts';
import {
  grantOn,
  grantSchema,
  grantSequence,
  grantsOn,
  identitySequence,
  rightsOf,
  type TableGrant,
  type TableTraits,
} from '../database/statements/routing-setup.ts';
import { GROUP_COLUMNS_TABLE } from '../database/statements/stored-group-column.ts';
import { hasView } from './make-view.ts';
import { type RoutedTable, routingNames } from './routed-table.ts';

/** A role that inserts takes the lock of an import, for which PostgreSQL requires UPDATE; the owner may migrate. */
export async function grantRouting(
  transaction: Transaction,
  routed: RoutedTable,
  { owner, isOwnedByMe }: TableTraits,
): Promise<void> {
  const table = nameOf(routed.routing);
  const columns = { schema: routed.routing.schema, table: GROUP_COLUMNS_TABLE };
  const grant = (to: TableName, role: string | null, privilege: string) =>
    transaction.execute(grantOn(to, { role, privilege, column: null, grantable: false }));
  const grants = await transaction.query<TableGrant>(grantsOn(nameOf(routed.main)));
  const having = (privilege: string) =>
    new Set(grants.filter((one) => one.privilege === privilege).map((one) => one.role));
  for (const role of having('SELECT')) await grant(table, role, 'select');
  for (const role of having('INSERT')) {
    await grant(table, role, 'select, update');
    await grant(columns, role, 'select');
  }
  if (isOwnedByMe) return;
  await transaction.execute(grantSchema(routed.routing.schema, owner));
  await grant(table, owner, 'select, insert, update, delete');
  await grant(columns, owner, 'select');
  await grant({ schema: routed.routing.schema, table: 'relyt_loader_migration' }, owner, 'select');
  // Only its own rows: row security shows and accepts no others.
  const moves = { schema: routed.routing.schema, table: 'relyt_loader_move' };
  await grant(moves, owner, 'select, insert, update, delete');
  const moved = { schema: routed.routing.schema, table: 'relyt_loader_auxiliary' };
  await grant(moved, owner, 'select, insert, update');
}

/**
 * Lets roles load both tables: they get on the auxiliary one and on the view what they have on the main one. Who may
 * update rows gets DELETE on both tables: a record whose group changes leaves one of them.
 * @returns what they did not have before
 */
export async function grantLoaders(
  transaction: Transaction,
  routed: RoutedTable,
  roles: readonly string[],
): Promise<readonly string[]> {
  const granted: string[] = [];
  const view = (await hasView(transaction, routed)) ? viewOf(routed) : undefined;
  for (const role of roles) {
    const give = async (table: TableName, rights: readonly string[]) => {
      const has = await rightsOfRole(transaction, table, role);
      const missing = rights.filter((right) => !has.includes(right));
      if (missing.length === 0) return;
      const privilege = missing.join(', ');
      await transaction.execute(
        grantOn(table, { role, privilege, column: null, grantable: false }),
      );
      granted.push(`${privilege} on ${table.schema}.${table.table} to ${role}`);
    };
    const main = await rightsOfRole(transaction, nameOf(routed.main), role);
    const leaves = main.includes('UPDATE') && routed.main.primaryKey.length > 0 ? ['DELETE'] : [];
    await give(nameOf(routed.main), leaves);
    await give(nameOf(routed.auxiliary), [...main, ...leaves]);
    await give(nameOf(routed.routing), ['SELECT', 'UPDATE']);
    if (view !== undefined && main.includes('SELECT')) await give(view, ['SELECT']);
    await grantColumns(transaction, routed, role);
    if (main.includes('INSERT')) await grantSequences(transaction, routed, role);
  }
  return granted;
}

async function rightsOfRole(
  transaction: Transaction,
  table: TableName,
  role: string,
): Promise<readonly string[]> {
  const [row] = await transaction.query<{ rights: string[] }>(rightsOf(table, role));
  return row?.rights ?? [];
}

async function grantColumns(
  transaction: Transaction,
  { main, auxiliary, groupColumn }: RoutedTable,
  role: string,
): Promise<void> {
  const grants = await transaction.query<TableGrant>(grantsOn(nameOf(main)));
  for (const grant of grants) {
    if (grant.role !== role || grant.column === null) continue;
    const column = auxiliaryName(groupColumn, grant.column);
    await transaction.execute(grantOn(nameOf(auxiliary), { ...grant, column }));
  }
}

/** An identity column of the main table is a default in the auxiliary one, which takes a right on the sequence. */
async function grantSequences(
  transaction: Transaction,
  { main }: RoutedTable,
  role: string,
): Promise<void> {
  for (const { name } of main.columns.filter(({ identity }) => identity !== 'none')) {
    const [row] = await transaction.query<{ sequence: string | null }>(
      identitySequence(nameOf(main), name),
    );
    if (row?.sequence) await transaction.execute(grantSequence(row.sequence, role));
  }
}

function viewOf({ main }: RoutedTable): TableName {
  return { schema: main.schema, table: routingNames(main.name).view };
}

function nameOf({ schema, name }: { readonly schema: string; readonly name: string }): TableName {
  return { schema, table: name };
}
