import type { Dialect } from '../core/dialect.ts';
import type { TargetTable } from '../core/target-table.ts';
import { readTargetTable } from '../database/catalogue.ts';
import type { Database, Transaction } from '../database/database.ts';
import { databaseError } from '../database/database-error.ts';
import { movesUnderWay } from '../database/statements/routed-import.ts';
import {
  awaitWriters,
  changeRouting,
  createRoutingTable,
  type RelationRow,
  tablesNamed,
} from '../database/statements/routing.ts';
import { type TableTraits, tableTraits } from '../database/statements/routing-setup.ts';
import { RelytError } from '../errors.ts';
import { createAuxiliary } from './create-auxiliary.ts';
import { findRouting, schemasWithBoth } from './find-routing.ts';
import { grantLoaders, grantRouting } from './grant-routing.ts';
import { auxiliaryColumn, columnToStore, otherwiseTaken } from './group-column.ts';
import { makeView } from './make-view.ts';
import { ROUTING_SCHEMA, type RoutedTable, routingNames } from './routed-table.ts';
import { routingInvalid, shownName } from './routing-invalid.ts';
import { readStoredColumn, sameColumn, writeStoredColumn } from './stored-column.ts';
import { refuseTakenNames } from './taken-names.ts';

export interface RoutingSetup {
  readonly schema: string;
  readonly table: string;
  /** Stored for everybody who follows the routing; left out: what is stored, else the usual name. */
  readonly groupColumn?: string | undefined;
  /** Create the view over both tables, or bring it up to date. */
  readonly view: boolean;
  /** Roles that load: they get on the other tables what they have on the main one, and what changing groups takes. */
  readonly roles: readonly string[];
}

export interface PreparedRouting {
  readonly table: string;
  readonly auxiliary: string;
  readonly routing: string;
  readonly view: string | null;
  readonly groupColumn: RoutedTable['groupColumn'];
  /** Of the auxiliary and the routing table, those that were not there. */
  readonly created: readonly string[];
  /** Rights on tables that the roles did not have, each as `RIGHTS on TABLE to ROLE`. */
  readonly granted: readonly string[];
}

/** Serialises set-ups of one database; released with their transaction. */
const SETUP_LOCK = 7_235_894_016_002;
/** Bytes of a name; PostgreSQL cuts longer ones off without an error. */
const LONGEST_NAME = 63;

/**
 * Creates the auxiliary table and the routing table of a main table where they are missing, in one transaction, and
 * refuses those that are there and do not fit. Doing it again changes nothing. `relyt_sys` has to be there.
 * @throws RelytError ROUTING_INVALID, TABLE_NOT_FOUND, TABLE_UNSUPPORTED, CONFIG_INVALID, DATABASE_…
 */
export async function prepareRouting(
  database: Database,
  dialect: Dialect,
  setup: RoutingSetup,
): Promise<PreparedRouting> {
  const shown = `${setup.schema}.${setup.table}`;
  checkNameLength(setup.table);
  try {
    return await database.transaction(async (transaction) => {
      await transaction.execute({
        name: 'lockSetup',
        text: 'select pg_advisory_xact_lock($1)',
        values: [SETUP_LOCK],
      });
      return prepare(transaction, dialect, setup);
    });
  } catch (error) {
    throw databaseError(error, `set up routing for ${shown}`, { table: shown });
  }
}

async function prepare(
  transaction: Transaction,
  dialect: Dialect,
  setup: RoutingSetup,
): Promise<PreparedRouting> {
  const main = await readTargetTable(transaction, dialect, setup);
  const names = routingNames(main.name);
  const tables = await transaction.query<RelationRow>(
    tablesNamed([main.name, names.auxiliary, names.routing]),
  );
  refuseOtherOwner(tables, main);
  await refuseTakenNames(transaction, main);
  const [traits] = await transaction.query<TableTraits>(tableTraits(dialect, setup));
  if (traits === undefined)
    throw new RelytError('INTERNAL', 'a table that was there has no row in pg_class');
  const isThere = (schema: string, name: string) =>
    tables.some((table) => table.schema === schema && table.name === name);
  const auxiliary = isThere(main.schema, names.auxiliary);
  const routing = isThere(ROUTING_SCHEMA, names.routing);
  const column = await chosenColumn(transaction, main, {
    named: setup.groupColumn,
    isRouted: routing,
  });
  if (!auxiliary) await createAuxiliary(transaction, dialect, { main, traits });
  if (!routing) await createRouting(transaction, dialect, main);
  await storeColumn(transaction, dialect, { main, column, isRouted: routing });
  const routed = await findRouting(transaction, dialect, { main });
  if (routed === undefined) throw new RelytError('INTERNAL', 'the routing table is not found');
  await grantRouting(transaction, routed, traits);
  if (setup.view) await makeView(transaction, routed, traits);
  const granted = await grantLoaders(transaction, routed, setup.roles);
  return {
    table: shownName(main),
    auxiliary: shownName(routed.auxiliary),
    routing: shownName(routed.routing),
    view: setup.view ? `${main.schema}.${names.view}` : null,
    groupColumn: routed.groupColumn,
    created: [
      ...(auxiliary ? [] : [shownName(routed.auxiliary)]),
      ...(routing ? [] : [shownName(routed.routing)]),
    ],
    granted,
  };
}

/** What was stored when there was another routing table of this name is no business of the new one. */
async function chosenColumn(
  transaction: Transaction,
  main: TargetTable,
  { named, isRouted }: { readonly named: string | undefined; readonly isRouted: boolean },
): Promise<string> {
  const stored = isRouted ? await readStoredColumn(transaction, main) : undefined;
  return columnToStore(main, { stored, named });
}

async function createRouting(
  transaction: Transaction,
  dialect: Dialect,
  main: TargetTable,
): Promise<void> {
  const { routing } = routingNames(main.name);
  const storage = dialect.tableStorage('routing_id');
  await transaction.execute(createRoutingTable(ROUTING_SCHEMA, routing, storage));
  await transaction.execute(awaitWriters(main.schema, main.name, dialect));
}

/**
 * Imports and migrations that run look again once they hold the routing table. A group that is half-way was chosen by
 * the column that its migration knows.
 */
async function storeColumn(
  transaction: Transaction,
  dialect: Dialect,
  wanted: { readonly main: TargetTable; readonly column: string; readonly isRouted: boolean },
): Promise<void> {
  const { main, column, isRouted } = wanted;
  const names = routingNames(main.name);
  const place = { schema: main.schema, table: names.auxiliary };
  const auxiliary = await readTargetTable(transaction, dialect, place);
  const chosen = { main: column, auxiliary: auxiliaryColumn(auxiliary, column) };
  const stored = await readStoredColumn(transaction, main);
  if (stored !== undefined && sameColumn(stored, chosen)) return;
  if (isRouted) {
    await transaction.execute(changeRouting(ROUTING_SCHEMA, names.routing));
    const moves = await transaction.query(movesUnderWay(shownName(main)));
    if (moves.length > 0 && otherwiseTaken(main, column) !== undefined) throw groupsMove(main);
  }
  await writeStoredColumn(transaction, main, chosen);
}

function groupsMove(main: TargetTable): RelytError {
  return routingInvalid(
    main,
    `groups of ${shownName(main)} are half-way to the other table, by the column that was followed until now`,
    'Let `relyt migrate` end these moves first.',
  );
}

function checkNameLength(table: string): void {
  const longest = routingNames(table).auxiliary;
  if (Buffer.byteLength(longest) <= LONGEST_NAME) return;
  const most = LONGEST_NAME - Buffer.byteLength(routingNames('').auxiliary);
  throw new RelytError(
    'CONFIG_INVALID',
    `the name ${table} is too long for routing: ${longest} has more than ${LONGEST_NAME} bytes`,
    { hint: `Rename the table; its name may have ${most} bytes.` },
  );
}

function refuseOtherOwner(tables: readonly RelationRow[], main: RoutedTable['main']): void {
  const [other] = schemasWithBoth(tables, main.name).filter((schema) => schema !== main.schema);
  if (other === undefined) return;
  const { routing } = routingNames(main.name);
  throw routingInvalid(
    main,
    `${ROUTING_SCHEMA}.${routing} would serve ${shownName(main)} and ${other}.${main.name}, which is routed already`,
    'The name of a routing table has no schema, so of two tables of one name only one can be routed: rename the other.',
  );
}
