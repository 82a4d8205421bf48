import type { Dialect } from '../core/dialect.ts';
import { auxiliaryName } from '../core/group-column.ts';
import { SQLSTATE } from '../core/sqlstate.ts';
import { failureCode } from '../database/database-error.ts';
import type { Transaction } from '../database/session.ts';
import {
  grantOn,
  grantsOn,
  setOwner,
  type TableGrant,
  type TableTraits,
} from '../database/statements/routing-setup.ts';
import { createView, dropView, viewReads } from '../database/statements/routing-view.ts';
import { allColumnTypes } from '../database/statements/target.ts';
import { checkViewType } from './group-type.ts';
import { type RoutedTable, routingNames } from './routed-table.ts';
import { routingInvalid, shownName } from './routing-invalid.ts';
import { readRowSecurity } from './row-security.ts';
import { kindOfRelation, nameTaken } from './taken-names.ts';

interface RoutedTraits {
  readonly routed: RoutedTable;
  /** Of the main table. */
  readonly traits: TableTraits;
}

/**
 * Creates the view over both tables, or brings the one there is up to date; who may read the main table may read it.
 * @throws RelytError ROUTING_INVALID when something else has its name
 */
export async function makeView(
  transaction: Transaction,
  dialect: Dialect,
  { routed, traits }: RoutedTraits,
): Promise<void> {
  const { main, auxiliary, routing, groupColumn } = routed;
  checkViewType(routed);
  const asReader = await hidesRows(transaction, dialect, routed);
  const place = { schema: main.schema, table: routingNames(main.name).view };
  const kept = await makeRoom(transaction, routed);
  const columns = main.columns.map((column) => column.name);
  await transaction.execute(
    createView({
      name: place.table,
      main: { schema: main.schema, table: main.name, group: groupColumn.main, columns },
      auxiliary: {
        schema: auxiliary.schema,
        table: auxiliary.name,
        group: groupColumn.auxiliary,
        columns: columns.map((column) => auxiliaryName(groupColumn, column)),
      },
      routing,
      asReader,
    }),
  );
  if (!traits.isOwnedByMe) await transaction.execute(setOwner('view', place, traits.owner));
  const ofMain = await transaction.query<TableGrant>(
    grantsOn({ schema: main.schema, table: main.name }),
  );
  const grants = [...ofMain.filter(({ privilege }) => privilege === 'SELECT'), ...kept];
  for (const grant of grants) {
    if (grant.column !== null && !columns.includes(grant.column)) continue;
    await transaction.execute(grantOn(place, grant));
  }
}

/**
 * A view reads with the rights of its owner, unless it is told to ask for those of its reader: it would show all rows to
 * every reader, past the policies of the tables.
 * @throws RelytError ROUTING_INVALID where a view cannot be told
 */
async function hidesRows(
  transaction: Transaction,
  dialect: Dialect,
  routed: RoutedTable,
): Promise<boolean> {
  const { isOn, viewsCanAsk } = await readRowSecurity(transaction, dialect, routed);
  if (!isOn || viewsCanAsk) return isOn;
  throw routingInvalid(
    routed.main,
    `${shownName(routed.main)} or its auxiliary table has row security, and a view over both would show all rows to all readers.`,
    'Leave out --view (`view`), and query both tables. From PostgreSQL 15 on, the view would read with the rights of its reader.',
  );
}

/** Whether there is a view of that name which is ours: no other view asks the routing table. */
export async function hasView(
  transaction: Transaction,
  { main, routing }: RoutedTable,
): Promise<boolean> {
  const view = { schema: main.schema, name: routingNames(main.name).view };
  if ((await kindOfRelation(transaction, view.schema, view.name)) !== 'v') return false;
  const [row] = await transaction.query<{ found: boolean }>(viewReads(view, routing));
  return row?.found ?? false;
}

/**
 * A view can be replaced by one with more columns behind those it has; another one has to go first.
 * @returns rights on the view that is gone
 */
async function makeRoom(
  transaction: Transaction,
  routed: RoutedTable,
): Promise<readonly TableGrant[]> {
  const { main } = routed;
  const { schema } = main;
  const name = routingNames(main.name).view;
  const kind = await kindOfRelation(transaction, schema, name);
  if (kind === undefined) return [];
  if (!(await hasView(transaction, routed)))
    throw nameTaken(main, { schema, name, kind, use: 'the view over both tables' });
  const columns = await transaction.query<{ name: string; sqlType: string }>(
    allColumnTypes(schema, name),
  );
  const isKept = columns.every((column, n) => {
    const now = main.columns[n];
    return column.name === now?.name && column.sqlType === now.sqlType;
  });
  if (isKept) return [];
  const kept = await transaction.query<TableGrant>(grantsOn({ schema, table: name }));
  try {
    await transaction.execute(dropView(schema, name));
  } catch (error) {
    throw failureCode(error) === SQLSTATE.dependentObjectsStillExist
      ? isInUse(routed, error)
      : error;
  }
  return kept;
}

function isInUse({ main }: RoutedTable, cause: unknown): Error {
  const view = `${main.schema}.${routingNames(main.name).view}`;
  const detail = (cause as { detail?: unknown }).detail;
  const objects = typeof detail === 'string' ? ` (${detail.replaceAll('\n', '; ')})` : '';
  return routingInvalid(
    main,
    `The columns of ${shownName(main)} are not those of ${view}, and something depends on that view${objects}.`,
    'Drop what depends on the view, run this again, and create it anew.',
  );
}
