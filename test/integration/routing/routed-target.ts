/** A target with an auxiliary and a routing table as users of the Go SDK have them, and what stands in the two. */

import pg from 'pg';
import { expect } from 'vitest';
import type { MakeTarget, TargetOptions, TestTarget } from '../../support/loading.ts';

export interface RoutedOptions extends TargetOptions {
  /** Groups that live in the auxiliary table. */
  readonly groups?: readonly (string | number)[];
  readonly idType?: 'text' | 'bigint';
  /** Column of the groups, in the main table and, when it is called otherwise there, in the auxiliary one. */
  readonly group?: { readonly main: string; readonly auxiliary: string };
}

export type Side = 'main' | 'auxiliary';

const GROUP_ID = { main: 'group_id', auxiliary: 'group_id' };

export class RoutedTarget {
  readonly target: TestTarget;
  readonly group: { readonly main: string; readonly auxiliary: string };

  constructor(target: TestTarget, group = GROUP_ID) {
    this.target = target;
    this.group = group;
  }

  get auxiliary(): string {
    const { schema, table } = this.target;
    return `${pg.escapeIdentifier(schema)}.${pg.escapeIdentifier(`${table}_relyt_massive_group`)}`;
  }

  tableOf(side: Side): string {
    return side === 'main' ? this.target.sql : this.auxiliary;
  }

  get routing(): string {
    return `relyt_sys.${pg.escapeIdentifier(`${this.target.table}_relyt_routing`)}`;
  }

  query<Row extends object>(text: string, values: readonly unknown[] = []): Promise<Row[]> {
    return this.target.database.query<Row>(text, values);
  }

  async route(...groups: readonly (string | number)[]): Promise<void> {
    for (const group of groups) await this.query(this.#insertRouting(), [String(group)]);
  }

  #insertRouting(): string {
    const store = pg.escapeLiteral(`${this.target.table}_relyt_massive_group`);
    return `insert into ${this.routing} values ($1, ${store})`;
  }

  /** Moves a group as a migration does: rows and routing in one transaction, which imports wait for. */
  async move(group: string | number, to: 'main' | 'auxiliary'): Promise<void> {
    const { sql } = this.target;
    const [from, into] = to === 'main' ? [this.auxiliary, sql] : [sql, this.auxiliary];
    const column = pg.escapeIdentifier(to === 'main' ? this.group.auxiliary : this.group.main);
    const client = await this.target.database.pool.connect();
    try {
      await client.query('begin');
      await client.query(`lock table ${this.routing} in share row exclusive mode`);
      await client.query(`insert into ${into} select * from ${from} where ${column}::text = $1`, [
        String(group),
      ]);
      await client.query(`delete from ${from} where ${column}::text = $1`, [String(group)]);
      await client.query(`delete from ${this.routing} where routing_id::text = $1`, [
        String(group),
      ]);
      if (to === 'auxiliary') await client.query(this.#insertRouting(), [String(group)]);
      await client.query('commit');
    } finally {
      client.release();
    }
  }

  main<Row extends object>(columns = '*', order = '1'): Promise<Row[]> {
    return this.target.rows<Row>(columns, order);
  }

  moved<Row extends object>(columns = '*', order = '1'): Promise<Row[]> {
    return this.query<Row>(`select ${columns} from ${this.auxiliary} order by ${order}`);
  }

  /** The ids of the rows in either table, a table without a key included. */
  async ids(): Promise<{ main: number[]; auxiliary: number[] }> {
    const ids = (rows: readonly { id: number }[]) => rows.map(({ id }) => id);
    return {
      main: ids(await this.main('id::int as id')),
      auxiliary: ids(await this.moved('id::int as id')),
    };
  }

  /** Each of these rows stands once, in the table its group lives in, and nothing else stands in either. */
  async expectRows(rows: readonly Row[], columns = 'id, v'): Promise<void> {
    const routed = new Set(
      (await this.query<{ id: string }>(`select routing_id::text as id from ${this.routing}`)).map(
        ({ id }) => id,
      ),
    );
    const isThere = (row: Row) => row.group !== null && routed.has(String(row.group));
    const { main, auxiliary } = this.group;
    expect({
      main: await this.main(`${columns}, ${pg.escapeIdentifier(main)} as "group"`, 'id, v'),
      auxiliary: await this.moved(
        `${columns}, ${pg.escapeIdentifier(auxiliary)} as "group"`,
        'id, v',
      ),
    }).toEqual({
      main: sorted(rows.filter((row) => !isThere(row))),
      auxiliary: sorted(rows.filter(isThere)),
    });
  }

  /** Sums over the imports of a task, rejected records included (G2). */
  async counts(processId: string): Promise<Counts> {
    const [row] = await this.query<Counts>(
      `select sum(rows_inserted)::int as inserted, sum(rows_updated)::int as updated,
              sum(rows_skipped)::int as skipped, sum(rows_superseded)::int as superseded,
              sum(rows_rejected)::int as rejected
       from relyt_sys.relyt_loader_import where process_id = $1`,
      [processId],
    );
    if (row === undefined) throw new Error('a sum is always there');
    return row;
  }
}

export interface Counts {
  readonly inserted: number;
  readonly updated: number;
  readonly skipped: number;
  readonly superseded: number;
  readonly rejected: number;
}

export const NOTHING: Counts = { inserted: 0, updated: 0, skipped: 0, superseded: 0, rejected: 0 };

export interface Row {
  readonly id: number;
  readonly v: unknown;
  readonly group: unknown;
}

function sorted(rows: readonly Row[]): Row[] {
  return [...rows].sort((a, b) => a.id - b.id || (String(a.v) < String(b.v) ? -1 : 1));
}

/** Makes both tables of these columns, and the routing table. */
export async function makeRouted(
  makeTarget: MakeTarget,
  columns: string,
  options: RoutedOptions = {},
): Promise<RoutedTarget> {
  const { groups = [], group = GROUP_ID } = options;
  const routed = new RoutedTarget(await makeTarget(columns, options), group);
  await addRouting(routed, options.idType);
  await routed.route(...groups);
  return routed;
}

/** Makes of a table that there is a routed one. */
export async function addRouting(
  routed: RoutedTarget,
  idType: 'text' | 'bigint' = 'text',
): Promise<void> {
  const { group, target } = routed;
  await routed.query(`create table ${routed.auxiliary} (like ${target.sql} including all)`);
  if (group.main !== group.auxiliary) {
    const [from, to] = [group.main, group.auxiliary].map((name) => pg.escapeIdentifier(name));
    await routed.query(`alter table ${routed.auxiliary} rename ${from} to ${to}`);
  }
  // Tests side by side may make it at once; the one that comes second is refused after it is there.
  await routed.query('create schema if not exists relyt_sys').catch((error: unknown) => {
    if ((error as { code?: unknown }).code !== '23505') throw error;
  });
  await routed.query(
    `create table ${routed.routing} (routing_id ${idType} primary key, store_table_name text not null)`,
  );
}

/** Records of ids from `from` on, over ten groups: the group is the last digit. */
export function tens(count: number, v = 'first', from = 0) {
  return Array.from({ length: count }, (_, n) => ({
    id: from + n,
    group_id: (from + n) % 10,
    v,
  }));
}

/** Records as the rows they become. */
export function asRows(
  records: readonly { readonly id: number; readonly group_id: unknown; readonly v?: unknown }[],
): Row[] {
  return records.map(({ id, group_id, v }) => ({ id, v, group: group_id }));
}
