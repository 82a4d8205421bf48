import type { Dialect } from '../core/dialect.ts';
import { auxiliaryName } from '../core/group-column.ts';
import { readTargetTable } from '../database/catalogue.ts';
import type { Database, Transaction } from '../database/database.ts';
import { databaseError } from '../database/database-error.ts';
import {
  awaitWriters,
  createRoutingTable,
  createView,
  type RelationRow,
  tablesNamed,
} from '../database/statements/routing.ts';
import {
  grantOn,
  grantSchema,
  grantsOn,
  setOwner,
  type TableGrant,
  type TableTraits,
  tableTraits,
} from '../database/statements/routing-setup.ts';
import { RelytError } from '../errors.ts';
import { createAuxiliary } from './create-auxiliary.ts';
import { findRouting, schemasWithBoth } from './find-routing.ts';
import { groupColumnIn } from './group-column.ts';
import { ROUTING_SCHEMA, type RoutedTable, routingNames } from './routed-table.ts';
import { routingInvalid, shownName } from './routing-invalid.ts';

export interface RoutingSetup {
  readonly schema: string;
  readonly table: string;
  readonly groupColumn?: string | undefined;
  /** Create the view over both tables, or bring it up to date. */
  readonly view: boolean;
  /** Roles that load: they may follow the routing table. */
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
  groupColumnIn(main, setup.groupColumn);
  const tables = await transaction.query<RelationRow>(
    tablesNamed([main.name, names.auxiliary, names.routing]),
  );
  refuseOtherOwner(tables, main);
  const [traits] = await transaction.query<TableTraits>(tableTraits(dialect, setup));
  if (traits === undefined)
    throw new RelytError('INTERNAL', 'a table that was there has no row in pg_class');
  const created: string[] = [];
  const isThere = (schema: string, name: string) =>
    tables.some((table) => table.schema === schema && table.name === name);
  if (!isThere(main.schema, names.auxiliary)) {
    await createAuxiliary(transaction, dialect, { main, traits });
    created.push(`${main.schema}.${names.auxiliary}`);
  }
  if (!isThere(ROUTING_SCHEMA, names.routing)) {
    const storage = dialect.tableStorage('routing_id');
    await transaction.execute(createRoutingTable(ROUTING_SCHEMA, names.routing, storage));
    created.push(`${ROUTING_SCHEMA}.${names.routing}`);
    await transaction.execute(awaitWriters(main.schema, main.name, dialect));
  }
  const { groupColumn } = setup;
  const routed = await findRouting(transaction, dialect, { main, groupColumn });
  if (routed === undefined) throw new RelytError('INTERNAL', 'the routing table is not found');
  await grantRouting(transaction, routed, traits, setup.roles);
  if (setup.view) await makeView(transaction, routed, traits);
  return {
    table: shownName(main),
    auxiliary: shownName(routed.auxiliary),
    routing: shownName(routed.routing),
    view: setup.view ? `${main.schema}.${names.view}` : null,
    groupColumn: routed.groupColumn,
    created,
  };
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

/** Who may insert takes the lock of an import, for which PostgreSQL wants UPDATE; the owner may migrate. */
async function grantRouting(
  transaction: Transaction,
  routed: RoutedTable,
  { owner, isOwnedByMe }: TableTraits,
  roles: readonly string[],
): Promise<void> {
  const { routing } = routed;
  const table = { schema: routing.schema, table: routing.name };
  const grant = (role: string | null, privilege: string) =>
    transaction.execute(grantOn(table, { role, privilege, column: null, grantable: false }));
  const main = { schema: routed.main.schema, table: routed.main.name };
  const grants = await transaction.query<TableGrant>(grantsOn(main));
  const having = (privilege: string) =>
    new Set(grants.filter((one) => one.privilege === privilege).map((one) => one.role));
  for (const role of having('SELECT')) await grant(role, 'select');
  for (const role of new Set([...having('INSERT'), ...roles])) await grant(role, 'select, update');
  if (isOwnedByMe) return;
  await transaction.execute(grantSchema(routing.schema, owner));
  await grant(owner, 'select, insert, update, delete');
}

async function makeView(
  transaction: Transaction,
  routed: RoutedTable,
  traits: TableTraits,
): Promise<void> {
  const { main, auxiliary, routing, groupColumn } = routed;
  const columns = main.columns.map((column) => column.name);
  const { view } = routingNames(main.name);
  await transaction.execute(
    createView({
      name: view,
      main: { schema: main.schema, table: main.name, group: groupColumn.main, columns },
      auxiliary: {
        schema: auxiliary.schema,
        table: auxiliary.name,
        group: groupColumn.auxiliary,
        columns: columns.map((column) => auxiliaryName(groupColumn, column)),
      },
      routing,
    }),
  );
  const place = { schema: main.schema, table: view };
  if (!traits.isOwnedByMe) await transaction.execute(setOwner('view', place, traits.owner));
  const grants = await transaction.query<TableGrant>(
    grantsOn({ schema: main.schema, table: main.name }),
  );
  for (const grant of grants.filter(({ privilege }) => privilege === 'SELECT'))
    await transaction.execute(grantOn(place, grant));
}
