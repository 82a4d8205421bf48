import type { AuxiliaryTarget } from '../core/auxiliary-target.ts';
import type { Dialect } from '../core/dialect.ts';
import { auxiliaryName } from '../core/group-column.ts';
import type { ConflictMode } from '../core/import-counts.ts';
import { SQLSTATE } from '../core/sqlstate.ts';
import type { TargetColumn, TargetTable } from '../core/target-table.ts';
import { readTargetTable } from '../database/catalogue.ts';
import { failureCode } from '../database/database-error.ts';
import type { Transaction } from '../database/session.ts';
import { qualified } from '../database/statement.ts';
import { anyRouted, movesUnderWay, relationExists } from '../database/statements/routed-import.ts';
import { holdRouting } from '../database/statements/routing.ts';
import { RelytError } from '../errors.ts';
import { findRouting } from '../routing/find-routing.ts';
import { ROUTING_SCHEMA, type RoutedTable, routingNames } from '../routing/routed-table.ts';
import { hasSameColumns } from '../routing/same-columns.ts';
import { isAsStored } from '../routing/stored-column.ts';
import { type HeldTables, holdTable } from './hold-table.ts';
import { checkRoutedKeys } from './routed-keys.ts';

/** What the records of an import bring. */
interface Staged {
  readonly columns: readonly TargetColumn[];
  readonly mode: ConflictMode;
}

/** How the target of a task is routed, looked up once and again only when that has changed. */
export class RoutedTarget {
  readonly #table: TargetTable;
  readonly #groupColumn: string | undefined;
  readonly #dialect: Dialect;
  #known: RoutedTable | undefined;
  readonly #updateColumns: readonly string[] | undefined;
  /** There is a routing table of this name, and it belongs to a table of another schema. */
  #foreign = false;

  constructor(options: {
    readonly table: TargetTable;
    readonly groupColumn: string | undefined;
    readonly updateColumns: readonly string[] | undefined;
    readonly dialect: Dialect;
  }) {
    this.#table = options.table;
    this.#groupColumn = options.groupColumn;
    this.#updateColumns = options.updateColumns;
    this.#dialect = options.dialect;
  }

  /**
   * Holds the table, and every group where it is, until the end of the transaction. The order is that of a migration,
   * so the two wait for each other instead of for ever: the groups first, then the tables. Only with the table held
   * does the routing stay what it is, because a set-up waits for the table: so it is looked at again.
   * A failure here that is none of ours passes with another attempt.
   * @throws RelytError TABLE_CHANGED, ROUTING_INVALID
   */
  async hold(transaction: Transaction, staged: Staged): Promise<HeldTables> {
    const routed = await this.#holdGroups(transaction, staged.columns);
    const asksMerge = routed === undefined;
    const main = { table: this.#table, mode: staged.mode, dialect: this.#dialect, asksMerge };
    const held = await holdTable(transaction, main, staged.columns);
    if (routed !== undefined)
      return { ...held, ...(await this.#holdAuxiliary(transaction, routed, staged)) };
    await this.#checkNotRouted(transaction);
    return { ...held, auxiliary: null, beside: undefined };
  }

  /** The transaction's own view of the routing table decides. A table may become a routed one while a task runs. */
  async #holdGroups(
    transaction: Transaction,
    columns: readonly TargetColumn[],
  ): Promise<RoutedTable | undefined> {
    const { routing: name } = routingNames(this.#table.name);
    if (!(await this.#isRouted(transaction))) {
      this.#known = undefined;
      return undefined;
    }
    this.#known ??= await this.#find(transaction, this.#table);
    this.#foreign = this.#known === undefined;
    if (this.#known === undefined) return undefined;
    const { schema } = this.#known.routing;
    await holdGroups(transaction, { schema, name });
    if (!(await isAsStored(transaction, this.#known)))
      this.#known = await this.#find(transaction, this.#table);
    const routed = this.#known;
    if (routed === undefined) return undefined;
    const [any] = await transaction.query<{ found: boolean }>(anyRouted(schema, name));
    if (!any?.found && (await this.#moves(transaction)).onTheWay.length === 0) return undefined;
    checkRoutedKeys(routed, { table: this.#table, updateColumns: this.#updateColumns });
    this.#requireGroup(routed, columns);
    return routed;
  }

  async #checkNotRouted(transaction: Transaction): Promise<void> {
    const unnoticed = this.#known === undefined && !this.#foreign;
    if (unnoticed && (await this.#isRouted(transaction)))
      throw changedJustNow('the table became a routed one just now');
  }

  async #holdAuxiliary(
    transaction: Transaction,
    routed: RoutedTable,
    { columns, mode }: Staged,
  ): Promise<Pick<HeldTables, 'auxiliary' | 'beside'>> {
    const { auxiliary, groupColumn } = routed;
    const staged = columns.map(({ name, sqlType }) => ({
      name: auxiliaryName(groupColumn, name),
      sqlType,
    }));
    const beside = { table: auxiliary, mode, dialect: this.#dialect, asksMerge: false };
    const held = await holdTable(transaction, beside, staged);
    const { main, routing } = await this.#current(transaction, routed);
    const target: AuxiliaryTarget = {
      table: auxiliary,
      groupColumn,
      routingTable: qualified(routing.schema, routing.name),
      idType: routing.idType,
      ownColumns: main.columns.filter(({ generated }) => !generated).map(({ name }) => name),
      ...(await this.#moves(transaction)),
    };
    return { auxiliary: held.table, beside: target };
  }

  /** Rows that change the table take all of their columns along: those added since the task began as well. */
  async #current(transaction: Transaction, held: RoutedTable): Promise<RoutedTable> {
    const { schema, name } = held.main;
    if (await hasSameColumns(transaction, held.main)) return held;
    const main = await readTargetTable(transaction, { schema, table: name });
    this.#known = await this.#find(transaction, main);
    return this.#known ?? held;
  }

  async #isRouted(transaction: Transaction): Promise<boolean> {
    const { routing } = routingNames(this.#table.name);
    const statement = relationExists(ROUTING_SCHEMA, routing);
    const [row] = await transaction.query<{ found: boolean }>(statement);
    return row?.found ?? false;
  }

  async #find(transaction: Transaction, main: TargetTable): Promise<RoutedTable | undefined> {
    try {
      return await findRouting(transaction, {
        main,
        groupColumn: this.#groupColumn,
      });
    } catch (error) {
      const isGone =
        error instanceof RelytError && error.details.sqlstate === SQLSTATE.undefinedTable;
      throw isGone ? droppedJustNow() : error;
    }
  }

  async #moves(transaction: Transaction): Promise<Pick<AuxiliaryTarget, 'onTheWay' | 'copying'>> {
    const { schema, name } = this.#table;
    const moves = await transaction.query<{ group: string; copying: boolean }>(
      movesUnderWay(`${schema}.${name}`),
    );
    return {
      onTheWay: moves.map(({ group }) => group),
      copying: moves.filter(({ copying }) => copying).map(({ group }) => group),
    };
  }

  /** Without its group it is not known which of the two tables a record's row is in. */
  #requireGroup({ groupColumn }: RoutedTable, columns: readonly TargetColumn[]): void {
    if (columns.some((column) => column.name === groupColumn.main)) return;
    const shown = `${this.#table.schema}.${this.#table.name}`;
    throw new RelytError(
      'ROUTING_INVALID',
      `The records for ${shown} have no "${groupColumn.main}", and groups of the table live in an auxiliary one.`,
      {
        details: { table: shown, column: groupColumn.main },
        hint: `Give every record a value for "${groupColumn.main}".`,
      },
    );
  }
}

/** A routing table that is dropped meanwhile, or not yet committed, is left to another attempt. */
async function holdGroups(
  transaction: Transaction,
  { schema, name }: { readonly schema: string; readonly name: string },
): Promise<void> {
  try {
    await transaction.execute(holdRouting(schema, name));
  } catch (error) {
    throw failureCode(error) === SQLSTATE.undefinedTable ? droppedJustNow() : error;
  }
}

function droppedJustNow(): Error {
  return changedJustNow('the routing table was dropped just now');
}

/** As a serialization failure: another attempt may go through. */
function changedJustNow(message: string): Error {
  return Object.assign(new Error(message), { code: SQLSTATE.serializationFailure });
}
