/** Routed tables for tests of set-up and migration, and what readers see of them. */

import pg from 'pg';
import { afterAll, beforeAll, expect, vi } from 'vitest';
import { migrateGroups } from '../../../src/administration.ts';
import { type Dialect, POSTGRESQL } from '../../../src/core/dialect.ts';
import { Database } from '../../../src/database/database.ts';
import { migrateTables } from '../../../src/migrate/migrate-groups.ts';
import { type MigrateOptions, resolveMigration } from '../../../src/migrate/migrate-options.ts';
import type { MigrationReport } from '../../../src/migrate/migration-report.ts';
import { type PreparedRouting, prepareRouting } from '../../../src/routing/prepare-routing.ts';
import {
  createRole,
  createTestDatabase,
  type TestDatabase,
  type TestRole,
} from '../../support/database.ts';
import type { StackServer } from '../../support/stack.ts';

export const COLUMNS = 'id bigint primary key, group_id int, v text not null';

/** No ON CONFLICT and one table at a time, as Greenplum 6 has it; the catalogue is that of the server. */
export const LIKE_GREENPLUM_6: Dialect = { ...POSTGRESQL, onConflict: false, distributed: true };

export interface Row {
  readonly id: string;
  readonly group_id: number | null;
  readonly v: string;
}

export class RoutedFixture {
  readonly database: TestDatabase;
  readonly name: string;

  constructor(database: TestDatabase, name: string) {
    this.database = database;
    this.name = name;
  }

  get main(): string {
    return `public.${pg.escapeIdentifier(this.name)}`;
  }
  get auxiliary(): string {
    return `public.${pg.escapeIdentifier(`${this.name}_relyt_massive_group`)}`;
  }
  get routing(): string {
    return `relyt_sys.${pg.escapeIdentifier(`${this.name}_relyt_routing`)}`;
  }
  get view(): string {
    return `public.${pg.escapeIdentifier(`${this.name}_relyt_all`)}`;
  }

  setUp(options: { groupColumn?: string; view?: boolean; roles?: string[] } = {}) {
    return setUpRouting(this.database, { table: this.name, ...options });
  }

  /** `rows` rows of a group, with ids from `from` on. */
  async fill(group: number | null, from: number, rows: number, table = this.main): Promise<void> {
    await this.database.query(
      `insert into ${table} select n, $1::int, 'v' || n from generate_series($2::bigint, $3::bigint) n`,
      [group, from, from + rows - 1],
    );
  }

  migrate(options: Partial<MigrateOptions> = {}): Promise<MigrationReport> {
    return migrateGroups(
      { postgresql: { connectionString: this.database.url } },
      this.#order(options),
    );
  }

  /** As it would go on a database of another kind. */
  async migrateAs(
    dialect: Dialect,
    options: Partial<MigrateOptions> = {},
  ): Promise<MigrationReport> {
    const database = connect(this.database);
    try {
      return await migrateTables(database, dialect, resolveMigration(this.#order(options)));
    } finally {
      await database.close();
    }
  }

  #order(options: Partial<MigrateOptions>): MigrateOptions {
    return { tables: [`public.${this.name}`], threshold: 100, ...options };
  }

  /** Groups, as the routing table has them. */
  async routed(): Promise<string[]> {
    const rows = await this.database.query<{ id: string }>(
      `select routing_id::text as id from ${this.routing} order by 1`,
    );
    return rows.map(({ id }) => id);
  }

  async counts(table: string): Promise<Record<string, number>> {
    const rows = await this.database.query<{ g: string | null; n: number }>(
      `select group_id::text as g, count(*)::int as n from ${table} group by 1 order by 1`,
    );
    return Object.fromEntries(rows.map(({ g, n }) => [String(g), n]));
  }

  /** What a reader gets through the view. */
  read(where = 'true'): Promise<Row[]> {
    return this.database.query<Row>(`select * from ${this.view} where ${where} order by id`);
  }

  moves(): Promise<Record<string, unknown>[]> {
    return this.database.query(
      'select routing_id, direction, phase, rows_copied::int, rows_cleaned::int from relyt_sys.relyt_loader_move where main_table = $1',
      [`public.${this.name}`],
    );
  }

  /** Every group in one table, the one the routing table says; no move under way; `rows` rows in all. */
  async expectSettled(rows: number): Promise<void> {
    expect(await this.moves()).toEqual([]);
    const routed = new Set(await this.routed());
    const inMain = Object.keys(await this.counts(this.main));
    const inAuxiliary = Object.keys(await this.counts(this.auxiliary));
    expect(inMain.filter((group) => routed.has(group))).toEqual([]);
    expect(inAuxiliary.filter((group) => !routed.has(group))).toEqual([]);
    const [all] = await this.database.query<{ n: number; ids: number }>(
      `select count(*)::int as n, count(distinct id)::int as ids from
       (select id from ${this.main} union all select id from ${this.auxiliary}) x`,
    );
    expect(all).toEqual({ n: rows, ids: rows });
  }
}

export function connect(database: Pick<TestDatabase, 'url'>): Database {
  return new Database(
    { connectionString: database.url },
    { connections: 3, applicationName: 'relyt-test' },
  );
}

export async function setUpRouting(
  test: Pick<TestDatabase, 'url'>,
  setup: {
    table: string;
    schema?: string;
    groupColumn?: string | undefined;
    view?: boolean;
    roles?: string[];
    url?: string;
  },
): Promise<PreparedRouting> {
  const database = new Database(
    { connectionString: setup.url ?? test.url },
    { connections: 1, applicationName: 'relyt-test' },
  );
  try {
    return await prepareRouting(database, POSTGRESQL, {
      schema: 'public',
      view: false,
      roles: [],
      ...setup,
    });
  } finally {
    await database.close();
  }
}

/** One database with `relyt_sys` for the tests of a `describe`; afterwards no connection of a migration is left. */
export function routedTablesOn(server: StackServer) {
  let database: TestDatabase | undefined;
  let made = 0;
  beforeAll(async () => {
    database = await createTestDatabase(server, { prepared: 'other' });
  });
  afterAll(async () => {
    if (database === undefined) return;
    const { pool } = database;
    const left = `select pid from pg_stat_activity where datname = current_database() and application_name like 'relyt%'`;
    await vi.waitFor(async () => expect((await pool.query(left)).rows).toEqual([]), 5000);
    await database.drop();
  });
  return async (columns: string = COLUMNS, name = `t${++made}`): Promise<RoutedFixture> => {
    if (database === undefined) throw new Error('the database is made before the first test');
    await database.query(`create table public.${pg.escapeIdentifier(name)} (${columns})`);
    return new RoutedFixture(database, name);
  };
}

/** A role that may move rows of the table, without owning anything. */
export async function migratorOf({ database, main, auxiliary }: RoutedFixture): Promise<TestRole> {
  const role = await createRole(database, 'migrator');
  await database.query(`grant usage on schema relyt_sys to ${role.name}`);
  await database.query(`grant all on all tables in schema relyt_sys to ${role.name}`);
  await database.query(`grant all on ${main}, ${auxiliary} to ${role.name}`);
  return role;
}

export const migrateAs = (
  role: TestRole,
  { name }: RoutedFixture,
  options: Partial<MigrateOptions> = {},
): Promise<MigrationReport> =>
  migrateGroups(
    { postgresql: { connectionString: role.url } },
    { tables: [`public.${name}`], threshold: 1, ...options },
  );
