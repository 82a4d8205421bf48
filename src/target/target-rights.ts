import type { Dialect } from '../core/dialect.ts';
import { auxiliaryName } from '../core/group-column.ts';
import { inOrder } from '../core/in-order.ts';
import { SQLSTATE } from '../core/sqlstate.ts';
import type { TargetTable } from '../core/target-table.ts';
import { databaseError, failureCode } from '../database/database-error.ts';
import type { Reader } from '../database/session.ts';
import { ident, qualified } from '../database/statement.ts';
import { type TargetRightsRow, targetRights } from '../database/statements/target.ts';
import { RelytError } from '../errors.ts';
import { findRouting } from '../routing/find-routing.ts';
import { ROUTING_SCHEMA, type RoutedTable, routingNames } from '../routing/routed-table.ts';
import { type ImportNeeds, type Lack, TableRights } from './table-rights.ts';

interface TargetWanted {
  readonly table: TargetTable;
  readonly dialect: Dialect;
  /** The column that holds the group, as the caller names it. */
  readonly groupColumn?: string | undefined;
}

/** The other table of a routed one, with what the role may do with it and with the routing table. */
interface RoutedRights {
  readonly routed: RoutedTable;
  readonly auxiliary: TableRights;
  readonly routing: readonly Lack[];
}

/**
 * What the role of a task may do with its target and, if that is a routed table, with the auxiliary and the routing
 * table. Read once when the task begins: a right that is missing is found before the first record, not by the first
 * import, or by the first record whose group changed.
 */
export class TargetRights {
  /** How the target is routed; undefined when it is not. */
  readonly routed: RoutedTable | undefined;
  readonly #table: TargetTable;
  readonly #rights: { readonly role: string; readonly main: TableRights };
  readonly #beside: RoutedRights | undefined;

  constructor(
    table: TargetTable,
    rights: { readonly role: string; readonly main: TableRights },
    beside: RoutedRights | undefined,
  ) {
    this.routed = beside?.routed;
    this.#table = table;
    this.#rights = rights;
    this.#beside = beside;
  }

  /**
   * What is certain before the first record says which columns are staged: a key that the database does not make
   * itself must be among them.
   * @throws RelytError DATABASE_PERMISSION_DENIED
   */
  requireFor(onConflict: 'update' | 'nothing' | 'error'): void {
    const { key, columns } = this.#table;
    const isGiven = (name: string) =>
      columns.some((column) => column.name === name && !column.hasDefault && !column.generated);
    const keyed = key.length > 0 && key.every(isGiven);
    this.#require({ mode: keyed && onConflict !== 'error' ? onConflict : 'insert' }, keyed);
  }

  /** @throws RelytError DATABASE_PERMISSION_DENIED naming the GRANT to run */
  require(needs: Pick<ImportNeeds, 'mode' | 'columns'>): void {
    const { key } = this.#table;
    const staged = needs.columns ?? [];
    this.#require(needs, key.length > 0 && key.every((it) => staged.includes(it)));
  }

  #require(needs: ImportNeeds, keyed: boolean): void {
    const lacks = this.#lacking(needs, keyed);
    if (lacks.length > 0) throw denied(this.#table, this.#rights.role, lacks);
  }

  #lacking(needs: ImportNeeds, keyed: boolean): readonly Lack[] {
    const beside = this.#beside;
    if (beside === undefined) return this.#rights.main.lacking(needs);
    const { groupColumn } = beside.routed;
    const keyInEither = keyed && !this.#table.key.includes(groupColumn.main);
    const columns = needs.columns?.map((name) => auxiliaryName(groupColumn, name));
    const main = this.#rights.main.lacking({ ...needs, keyInEither });
    const auxiliary = beside.auxiliary.lacking({
      mode: needs.mode,
      keyInEither,
      ...(columns && { columns }),
    });
    // A schema that both are in is named once.
    const known = new Set(main.map(({ grant }) => grant));
    return [...main, ...auxiliary.filter(({ grant }) => !known.has(grant)), ...beside.routing];
  }
}

/** @throws RelytError ROUTING_INVALID, DATABASE_… */
export async function readTargetRights(
  session: Reader,
  { table, dialect, groupColumn }: TargetWanted,
): Promise<TargetRights> {
  const target = rightsOnTarget(session, table);
  const lacks = routingLacks(session, table);
  const found = findRouting(session, { main: table, groupColumn }).catch(async (error: unknown) => {
    const [{ role }, routing] = await Promise.all([target, lacks]);
    if (failureCode(error) !== SQLSTATE.insufficientPrivilege || routing.length === 0) throw error;
    throw denied(table, role, routing);
  });
  const [row, routing, routed] = await inOrder([target, lacks, found]);
  const rights = { role: row.role, main: new TableRights(table, dialect, row) };
  if (routed === undefined) return new TargetRights(table, rights, undefined);
  const ofAuxiliary = await rightsOn(session, routed.auxiliary);
  if (ofAuxiliary === undefined)
    throw new RelytError('INTERNAL', 'An auxiliary table that was there has no row in pg_class.');
  const auxiliary = new TableRights(routed.auxiliary, dialect, ofAuxiliary);
  return new TargetRights(table, rights, { routed, auxiliary, routing });
}

async function rightsOnTarget(session: Reader, table: TargetTable): Promise<TargetRightsRow> {
  const row = await rightsOn(session, table);
  if (row !== undefined) return row;
  const shown = `${table.schema}.${table.name}`;
  throw new RelytError('TABLE_NOT_FOUND', `The table ${shown} does not exist any more.`, {
    details: { table: shown },
  });
}

/** Every import holds the routing table, for which PostgreSQL wants a right to change it. */
async function routingLacks(session: Reader, table: TargetTable): Promise<readonly Lack[]> {
  const name = routingNames(table.name).routing;
  const row = await rightsOn(session, { schema: ROUTING_SCHEMA, name });
  if (row === undefined) return [];
  const has = (right: string) => row.table_rights.includes(right);
  const missing = [
    ...(has('SELECT') ? [] : ['SELECT']),
    ...(has('UPDATE') || has('DELETE') ? [] : ['UPDATE']),
  ].join(', ');
  if (missing === '') return [];
  const grant = `GRANT ${missing} ON ${qualified(ROUTING_SCHEMA, name)} TO ${ident(row.role)};`;
  return [{ what: `${missing} on ${ROUTING_SCHEMA}.${name}`, grant }];
}

function denied({ schema, name }: TargetTable, role: string, lacks: readonly Lack[]): RelytError {
  const what = lacks.map((lack) => lack.what).join(' and ');
  const grants = lacks.map(({ grant }) => grant).join(' ');
  return new RelytError('DATABASE_PERMISSION_DENIED', `The role "${role}" lacks ${what}.`, {
    details: { table: `${schema}.${name}` },
    hint: `Have its owner run: ${grants}`,
  });
}

async function rightsOn(
  session: Reader,
  { schema, name }: { readonly schema: string; readonly name: string },
): Promise<TargetRightsRow | undefined> {
  const shown = `${schema}.${name}`;
  try {
    const [row] = await session.query<TargetRightsRow>(targetRights(schema, name));
    return row;
  } catch (error) {
    throw databaseError(error, `read the rights on ${shown}`, { table: shown });
  }
}
