import { setUpCommand } from '../core/routing-commands.ts';
import type { TargetTable } from '../core/target-table.ts';
import { readTargetTable } from '../database/catalogue.ts';
import { databaseError } from '../database/database-error.ts';
import type { Reader } from '../database/session.ts';
import { ident, qualified } from '../database/statement.ts';
import { type RelationRow, storeNames, tablesNamed } from '../database/statements/routing.ts';
import { GROUP_COLUMNS_TABLE } from '../database/statements/stored-group-column.ts';
import { checkSameTables } from './compare-tables.ts';
import { findGroupColumn } from './find-group-column.ts';
import { checkGroupType } from './group-type.ts';
import {
  ROUTING_SCHEMA,
  type RoutedTable,
  type RoutingTable,
  routingNames,
} from './routed-table.ts';
import { routingInvalid, shownName } from './routing-invalid.ts';
import { readStoredColumn } from './stored-column.ts';

export interface RoutingWanted {
  readonly main: TargetTable;
  /** The column that holds the group, as the caller names it; it must be the stored one where there is one. */
  readonly groupColumn?: string | undefined;
}

/**
 * How a table is routed, or undefined when it is not: then there is no routing table, or it belongs to a table of
 * the same name in another schema. Reads the catalogue and the routing table only, never the two tables.
 * @throws RelytError ROUTING_INVALID when there is a routing table that cannot be followed
 */
export async function findRouting(
  session: Reader,
  { main, groupColumn }: RoutingWanted,
): Promise<RoutedTable | undefined> {
  try {
    const names = routingNames(main.name);
    const tables = await session.query<RelationRow>(
      tablesNamed([main.name, names.auxiliary, names.routing, GROUP_COLUMNS_TABLE]),
    );
    if (!hasRelation(tables, ROUTING_SCHEMA, names.routing)) return undefined;
    const owners = schemasWithBoth(tables, main.name);
    if (!owners.includes(main.schema)) {
      if (owners.length > 0) return undefined;
      throw auxiliaryMissing(main);
    }
    refuseTwoOwners(owners, main);
    const auxiliary = await readTargetTable(session, {
      schema: main.schema,
      table: names.auxiliary,
    });
    // Who only looks at a load, and installs nothing, may come before the table of the columns.
    const knowsColumns = hasRelation(tables, ROUTING_SCHEMA, GROUP_COLUMNS_TABLE);
    const stored = knowsColumns ? await readStoredColumn(session, main) : undefined;
    const columns = findGroupColumn(main, auxiliary, { stored, named: groupColumn });
    checkSameTables(main, auxiliary, columns);
    const routing = await readRoutingTable(session, auxiliary);
    const routed = { main, auxiliary, routing, groupColumn: columns };
    checkGroupType(routed);
    return routed;
  } catch (error) {
    throw databaseError(error, `read how ${shownName(main)} is routed`, {
      table: shownName(main),
    });
  }
}

export function hasRelation(tables: readonly RelationRow[], schema: string, name: string): boolean {
  return tables.some((table) => table.schema === schema && table.name === name);
}

/** Schemas that hold a main table of this name and its auxiliary one. */
export function schemasWithBoth(tables: readonly RelationRow[], name: string): string[] {
  const { auxiliary } = routingNames(name);
  return tables
    .filter((table) => table.name === name && hasRelation(tables, table.schema, auxiliary))
    .map((table) => table.schema);
}

/** The routing table has the name of the main table without its schema. */
function refuseTwoOwners(owners: readonly string[], main: TargetTable): void {
  const [other] = owners.filter((schema) => schema !== main.schema);
  if (other === undefined) return;
  const names = routingNames(main.name);
  throw routingInvalid(
    main,
    `${shownName(main)} and ${other}.${main.name} both have an auxiliary table, and share one routing table, ${ROUTING_SCHEMA}.${names.routing}.`,
    `Rename one of them, with its auxiliary table, or drop the auxiliary table it does not need: the name of a routing table has no schema, so only one of the two can be routed.`,
  );
}

function auxiliaryMissing(main: TargetTable): Error {
  const names = routingNames(main.name);
  return routingInvalid(
    main,
    `There is a routing table ${ROUTING_SCHEMA}.${names.routing}, but no auxiliary table ${main.schema}.${names.auxiliary}.`,
    `Create it with \`${setUpCommand(main)}\`, or drop the routing table if ${shownName(main)} is not to be routed.`,
  );
}

const ID_TYPES: Readonly<Record<string, RoutingTable['idType']>> = {
  text: 'text',
  varchar: 'text',
  int8: 'bigint',
};

async function readRoutingTable(session: Reader, auxiliary: TargetTable): Promise<RoutingTable> {
  const place = { schema: ROUTING_SCHEMA, table: routingNameOf(auxiliary) };
  const shown = `${place.schema}.${place.table}`;
  const { columns } = await readTargetTable(session, place);
  const typeOf = (name: string) => columns.find((column) => column.name === name)?.type.name ?? '';
  const idType = ID_TYPES[typeOf('routing_id')];
  if (idType === undefined || ID_TYPES[typeOf('store_table_name')] !== 'text') {
    throw routingInvalid(
      auxiliary,
      `${shown} is not a routing table: it needs routing_id (text or bigint) and store_table_name (text).`,
      'Correct its columns, or rename the table if it is for something else.',
    );
  }
  const storeName = await storeNameOf(session, place, auxiliary);
  return { schema: place.schema, name: place.table, idType, storeName };
}

/** The auxiliary table has the name of the main one and the suffix. */
function routingNameOf(auxiliary: TargetTable): string {
  const { auxiliary: suffix } = routingNames('');
  return routingNames(auxiliary.name.slice(0, -suffix.length)).routing;
}

/** Rows there are may name the table with its schema or without; new ones follow them. */
async function storeNameOf(
  session: Reader,
  routing: { readonly schema: string; readonly table: string },
  { schema, name }: TargetTable,
): Promise<string> {
  const accepted = [name, `${schema}.${name}`, ident(name), qualified(schema, name)];
  const [row] = await session.query<{ known: string | null; other: string | null }>(
    storeNames(routing.schema, routing.table, accepted),
  );
  if (row !== undefined && row.other !== null) {
    throw routingInvalid(
      { schema, name },
      `${routing.schema}.${routing.table} sends groups to ${row.other}, which is not ${schema}.${name}.`,
      `Correct or delete the rows that name another table: every group in it must live in ${schema}.${name}.`,
    );
  }
  return row?.known ?? name;
}
