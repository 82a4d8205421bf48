import type { Dialect } from '../core/dialect.ts';
import type { TargetColumn, TargetTable } from '../core/target-table.ts';
import type { Transaction } from '../database/database.ts';
import { qualified } from '../database/statement.ts';
import { anyRouted, copyingGroups, relationExists } from '../database/statements/routed-import.ts';
import { holdRouting } from '../database/statements/routing.ts';
import type { Routing } from '../engines/routes.ts';
import { RelytError } from '../errors.ts';
import { findRouting } from '../routing/find-routing.ts';
import { ROUTING_SCHEMA, type RoutedTable, routingNames } from '../routing/routed-table.ts';

/** How the target of a task is routed, looked up once and again only when that has changed. */
export class RoutedTarget {
  readonly #table: TargetTable;
  readonly #groupColumn: string | undefined;
  readonly #dialect: Dialect;
  #known: RoutedTable | undefined;
  /** There is a routing table of this name, and it belongs to a table of another schema. */
  #foreign = false;

  constructor(options: {
    readonly table: TargetTable;
    readonly groupColumn: string | undefined;
    readonly dialect: Dialect;
  }) {
    this.#table = options.table;
    this.#groupColumn = options.groupColumn;
    this.#dialect = options.dialect;
  }

  /**
   * To be called before the table is held: a migration takes its locks in this order as well.
   * Holds every group where it is until the end of the transaction, whose own view of the routing table decides.
   * Undefined when all records go to the main table. A table may become a routed one while a task runs.
   * @throws RelytError ROUTING_INVALID
   */
  async hold(
    transaction: Transaction,
    columns: readonly TargetColumn[],
  ): Promise<Routing | undefined> {
    const { routing: name } = routingNames(this.#table.name);
    if (!(await this.#isRouted(transaction))) {
      this.#known = undefined;
      return undefined;
    }
    this.#known ??= await this.#find(transaction);
    const routed = this.#known;
    this.#foreign = routed === undefined;
    if (routed === undefined) return undefined;
    const { schema } = routed.routing;
    await transaction.execute(holdRouting(schema, name));
    const moving = await this.#moving(transaction);
    const [any] = await transaction.query<{ found: boolean }>(anyRouted(schema, name));
    if (moving.length === 0 && !any?.found) return undefined;
    this.#requireGroup(routed, columns);
    const { auxiliary, groupColumn } = routed;
    return { auxiliary, groupColumn, routingTable: qualified(schema, name), moving };
  }

  /**
   * To be called once the table is held: a set-up waits for whoever holds it, so a table that is still not routed
   * stays so until the end of the transaction. A failure here passes with another attempt.
   */
  async confirm(transaction: Transaction): Promise<void> {
    if (this.#known !== undefined || this.#foreign || !(await this.#isRouted(transaction))) return;
    const message = 'the table became a routed one just now';
    throw Object.assign(new Error(message), { code: '40001' });
  }

  async #isRouted(transaction: Transaction): Promise<boolean> {
    const { routing } = routingNames(this.#table.name);
    const statement = relationExists(ROUTING_SCHEMA, routing);
    const [row] = await transaction.query<{ found: boolean }>(statement);
    return row?.found ?? false;
  }

  async #find(transaction: Transaction): Promise<RoutedTable | undefined> {
    return findRouting(transaction, this.#dialect, {
      main: this.#table,
      groupColumn: this.#groupColumn,
    });
  }

  async #moving(transaction: Transaction): Promise<string[]> {
    const { schema, name } = this.#table;
    const rows = await transaction.query<{ group: string }>(copyingGroups(`${schema}.${name}`));
    return rows.map((row) => row.group);
  }

  /** Without its group nobody can say which of the two tables a record's row is in. */
  #requireGroup({ groupColumn }: RoutedTable, columns: readonly TargetColumn[]): void {
    if (columns.some((column) => column.name === groupColumn.main)) return;
    const shown = `${this.#table.schema}.${this.#table.name}`;
    throw new RelytError(
      'ROUTING_INVALID',
      `the records for ${shown} have no "${groupColumn.main}", and groups of the table live in an auxiliary one`,
      {
        details: { table: shown, column: groupColumn.main },
        hint: `Give every record a value for "${groupColumn.main}".`,
      },
    );
  }
}
