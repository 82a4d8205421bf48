import type { Dialect } from '../core/dialect.ts';
import type { TargetTable } from '../core/target-table.ts';
import { readTargetTable } from '../database/catalogue.ts';
import type { Database } from '../database/database.ts';
import { databaseError } from '../database/database-error.ts';
import type { Transaction } from '../database/session.ts';
import {
  awaitWriters,
  createRoutingTable,
  type RelationRow,
  tablesNamed,
} from '../database/statements/routing.ts';
import { type TableTraits, tableTraits } from '../database/statements/routing-setup.ts';
import { RelytError } from '../errors.ts';
import { createAuxiliary } from './create-auxiliary.ts';
import { findRouting, hasRelation, schemasWithBoth } from './find-routing.ts';
import { grantLoaders, grantRouting } from './grant-routing.ts';
import { makeView } from './make-view.ts';
import { ROUTING_SCHEMA, type RoutedTable, routingNames } from './routed-table.ts';
import { routingInvalid, shownName } from './routing-invalid.ts';
import { chosenColumn, storeColumn } from './set-group-column.ts';
import { refuseTakenNames } from './taken-names.ts';

export interface RoutingSetup {
  readonly schema: string;
  readonly table: string;
  /** Stored for all programs that follow the routing. Default: what is stored, else the usual name. */
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
 * refuses those that are there and do not fit. Doing it again changes nothing. `relyt_sys` must be there.
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
  const main = await readTargetTable(transaction, setup);
  const names = routingNames(main.name);
  const tables = await transaction.query<RelationRow>(
    tablesNamed([main.name, names.auxiliary, names.routing]),
  );
  refuseOtherOwner(tables, main);
  await refuseTakenNames(transaction, main);
  const [traits] = await transaction.query<TableTraits>(tableTraits(dialect, setup));
  if (traits === undefined)
    throw new RelytError('INTERNAL', 'A table that was there has no row in pg_class.');
  const isThere = {
    auxiliary: hasRelation(tables, main.schema, names.auxiliary),
    routing: hasRelation(tables, ROUTING_SCHEMA, names.routing),
  };
  const routed = await makeTables(transaction, dialect, { main, traits, setup, isThere });
  await grantRouting(transaction, routed, traits);
  if (setup.view) await makeView(transaction, dialect, { routed, traits });
  const granted = await grantLoaders(transaction, routed, setup.roles);
  const [auxiliary, routing] = [shownName(routed.auxiliary), shownName(routed.routing)];
  return {
    table: shownName(main),
    auxiliary,
    routing,
    view: setup.view ? `${main.schema}.${names.view}` : null,
    groupColumn: routed.groupColumn,
    created: [...(isThere.auxiliary ? [] : [auxiliary]), ...(isThere.routing ? [] : [routing])],
    granted,
  };
}

interface TablesWanted {
  readonly main: TargetTable;
  readonly traits: TableTraits;
  readonly setup: RoutingSetup;
  /** Before the set-up. */
  readonly isThere: { readonly auxiliary: boolean; readonly routing: boolean };
}

/** Makes the tables that are missing, and stores the column of the groups. */
async function makeTables(
  transaction: Transaction,
  dialect: Dialect,
  { main, traits, setup, isThere }: TablesWanted,
): Promise<RoutedTable> {
  const named = setup.groupColumn;
  const isRouted = isThere.routing;
  const column = await chosenColumn(transaction, main, { named, isRouted });
  if (!isThere.auxiliary) await createAuxiliary(transaction, dialect, { main, traits });
  if (!isRouted) await createRouting(transaction, dialect, main);
  await storeColumn(transaction, { main, column, isRouted });
  const routed = await findRouting(transaction, { main });
  if (routed === undefined) throw new RelytError('INTERNAL', 'The routing table is not found.');
  return routed;
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

function checkNameLength(table: string): void {
  const longest = routingNames(table).auxiliary;
  if (Buffer.byteLength(longest) <= LONGEST_NAME) return;
  const most = LONGEST_NAME - Buffer.byteLength(routingNames('').auxiliary);
  throw new RelytError(
    'CONFIG_INVALID',
    `The name ${table} is too long for routing: ${longest} has more than ${LONGEST_NAME} bytes.`,
    { hint: `Rename the table; its name can have at most ${most} bytes.` },
  );
}

function refuseOtherOwner(tables: readonly RelationRow[], main: RoutedTable['main']): void {
  const [other] = schemasWithBoth(tables, main.name).filter((schema) => schema !== main.schema);
  if (other === undefined) return;
  const { routing } = routingNames(main.name);
  throw routingInvalid(
    main,
    `${ROUTING_SCHEMA}.${routing} would serve ${shownName(main)} and ${other}.${main.name}, which is routed already.`,
    'Rename one of the two tables: the name of a routing table has no schema, so only one of them can be routed.',
  );
}
