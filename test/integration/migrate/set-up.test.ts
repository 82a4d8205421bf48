// `relyt init --routing`: what is missing is created like the main table; what is there is accepted as it is, or refused.

import pg from 'pg';
import { describe, expect, test } from 'vitest';
import { readTargetTable } from '../../../src/database/catalogue.ts';
import { findRouting } from '../../../src/routing/find-routing.ts';
import { createRole } from '../../support/database.ts';
import { failureOf } from '../../support/loading.ts';
import { newestServers } from '../../support/stack.ts';
import { connect, type RoutedFixture, routedTablesOn, setUpRouting } from './routed-tables.ts';

async function find(t: RoutedFixture, groupColumn?: string, schema = 'public') {
  const database = connect(t.database);
  try {
    const main = await readTargetTable(database, { schema, table: t.name });
    return await findRouting(database, { main, groupColumn });
  } finally {
    await database.close();
  }
}

describe.each(newestServers())('set-up of routing on $name', (server) => {
  const makeTable = routedTablesOn(server);

  test('from nothing: the auxiliary table is as the main one, and doing it again changes nothing', async () => {
    const t = await makeTable(
      `id int primary key, group_id int not null, other int unique, price numeric(8,2) default 1.5 check (price > 0),
       doubled numeric generated always as (price * 2) stored, at timestamptz not null default now(),
       word varchar(5) collate "C"`,
    );
    const { database } = t;
    await database.query(`create table kinds${t.name} (id int primary key)`);
    await database.query(
      `alter table ${t.main} add kind int, add constraint to_kind foreign key (kind) references kinds${t.name} on delete set null`,
    );
    await database.query(`create index on ${t.main} (group_id, at desc)`);
    await database.query(`alter table ${t.main} set (fillfactor = 70)`);
    const first = await t.setUp({ view: true });
    expect(first).toEqual({
      table: `public.${t.name}`,
      auxiliary: `public.${t.name}_relyt_massive_group`,
      routing: `relyt_sys.${t.name}_relyt_routing`,
      view: `public.${t.name}_relyt_all`,
      groupColumn: { main: 'group_id', auxiliary: 'group_id' },
      created: [`public.${t.name}_relyt_massive_group`, `relyt_sys.${t.name}_relyt_routing`],
      granted: [],
    });
    expect((await t.setUp({ view: true })).created).toEqual([]);

    const described = (table: string) =>
      database.query(
        `select (select json_agg(json_build_array(attname, format_type(atttypid, atttypmod), attnotnull, attgenerated,
                  attcollation, (select pg_get_expr(adbin, adrelid) from pg_attrdef d where d.adrelid = attrelid and adnum = attnum))
                 order by attnum) from pg_attribute where attrelid = c.oid and attnum > 0) as columns,
           (select json_agg(pg_get_constraintdef(oid) order by 1) from (
              select oid, pg_get_constraintdef(oid) from pg_constraint where conrelid = c.oid order by 2) x) as constraints,
           (select json_agg(regexp_replace(pg_get_indexdef(indexrelid), 'INDEX \\S+ ON \\S+', 'INDEX') order by 1)
              from (select indexrelid from pg_index where indrelid = c.oid order by indkey::text) x) as indexes,
           c.reloptions, c.relowner
         from pg_class c where c.oid = $1::regclass`,
        [table],
      );
    expect(await described(t.auxiliary)).toEqual(await described(t.main));

    const found = await find(t);
    expect(found).toMatchObject({
      main: { name: t.name },
      auxiliary: { name: `${t.name}_relyt_massive_group`, primaryKey: ['id'] },
      routing: {
        schema: 'relyt_sys',
        name: `${t.name}_relyt_routing`,
        idType: 'text',
        storeName: `${t.name}_relyt_massive_group`,
      },
      groupColumn: { main: 'group_id', auxiliary: 'group_id' },
    });
  });

  test('a partitioned main table, and one without a key', async () => {
    const t = await makeTable('id int, group_id int, at date');
    const p = `${t.name}p`;
    await t.database.query(
      `create table ${p} (id int, group_id int, at date, primary key (id, at)) partition by range (at);
       create table ${p}_1 partition of ${p} for values from ('2026-01-01') to ('2027-01-01')`,
    );
    await t.setUp();
    const prepared = await setUpRouting(t.database, { table: p, view: true });
    expect(prepared.created).toHaveLength(2);
    expect(await find(t)).toMatchObject({ auxiliary: { primaryKey: [], kind: 'table' } });
  });

  test.each([
    ['routing_id bigint, without the schema', 'bigint', 'group_id', ''],
    ['routing_id text, with the schema', 'text', 'group_id', 'public.'],
    ['another group column in the auxiliary table', 'text', 'routing_id', ''],
  ])('tables of the Go SDK: %s', async (_, idType, column, prefix) => {
    const t = await makeTable('id int primary key, group_id bigint not null, v text');
    const { database } = t;
    await database.query(
      `create table ${t.auxiliary} (v text, ${column} bigint not null, id int primary key)`,
    );
    await database.query(
      `create table ${t.routing} (routing_id ${idType} primary key, store_table_name text not null)`,
    );
    const storeName = `${prefix}${t.name}_relyt_massive_group`;
    await database.query(`insert into ${t.routing} values ('5', $1)`, [storeName]);
    await database.query(`insert into ${t.auxiliary} values ('old', 5, 1)`);
    await database.query(
      `insert into ${t.main} select n, n % 2, 'v' from generate_series(2, 301) n`,
    );
    expect((await t.setUp({ view: true })).created).toEqual([]);
    expect(await find(t)).toMatchObject({
      routing: { idType, storeName },
      groupColumn: { main: 'group_id', auxiliary: column },
    });
    const before = await t.read();
    expect(before).toHaveLength(301);
    await t.migrate({ batchRows: 40 });
    expect(await t.routed()).toEqual(['0', '1', '5']);
    const names = await database.query(`select distinct store_table_name as n from ${t.routing}`);
    expect(names).toEqual([{ n: storeName }]);
    expect(await t.read()).toEqual(before);
    await t.migrate({ back: true, threshold: 1000, batchRows: 40 });
    expect(await t.read()).toEqual(before);
    expect(await t.routed()).toEqual([]);
    expect(await database.query(`select 1 from ${t.auxiliary}`)).toEqual([]);
  });

  test('rights: who may use the main table may use the others; a loader may hold the routing', async () => {
    const t = await makeTable();
    const { database } = t;
    const owner = await createRole(database, 'owner');
    const loader = await createRole(database, 'loader');
    const reader = await createRole(database, 'reader');
    await database.query(`grant create on schema public to ${owner.name}`);
    await database.query(`alter table ${t.main} owner to ${owner.name}`);
    await database.query(`grant select, insert, update on ${t.main} to ${loader.name}`);
    await database.query(`grant select (id, v) on ${t.main} to ${reader.name}`);
    await t.setUp({ view: true, roles: [loader.name] });
    await database.query(`grant usage on schema relyt_sys to ${loader.name}`);
    await t.fill(1, 1, 100);

    const asRole = async (url: string, ...statements: string[]) => {
      const client = new pg.Client({ connectionString: url });
      await client.connect();
      try {
        for (const statement of statements) await client.query(statement);
      } finally {
        await client.end();
      }
    };
    await asRole(
      loader.url,
      `begin; lock table ${t.routing} in share mode; insert into ${t.auxiliary} values (500, 1, 'x'); rollback`,
      `select * from ${t.view}`,
    );
    await asRole(reader.url, `select id, v from ${t.view}`, `select id from ${t.auxiliary}`);
    await expect(asRole(reader.url, `select group_id from ${t.view}`)).rejects.toThrow(/denied/);
    const connection = { connectionString: owner.url };
    const { migrateGroups } = await import('../../../src/administration.ts');
    await migrateGroups(
      { postgresql: connection },
      { tables: [`public.${t.name}`], threshold: 100, batchRows: 40 },
    );
    expect(await t.counts(t.auxiliary)).toEqual({ 1: 100 });
  });

  test('a table that is not routed, and one whose namesake in another schema is', async () => {
    const t = await makeTable();
    expect(await find(t)).toBeUndefined();
    await t.setUp();
    const schema = `s${t.name}`;
    await t.database.query(`create schema ${schema}; create table ${schema}.${t.name} (id int)`);
    expect(await find(t, undefined, schema)).toBeUndefined();
    const refused = await failureOf(
      setUpRouting(t.database, { table: t.name, schema, groupColumn: 'id' }),
    );
    expect(refused.code).toBe('ROUTING_INVALID');
    expect(refused.message).toContain(`${schema}.${t.name}`);
    await t.database.query(
      `create table ${schema}.${t.name}_relyt_massive_group (like ${schema}.${t.name})`,
    );
    expect(await failureOf(find(t))).toMatchObject({ code: 'ROUTING_INVALID' });
  });
});

describe('tables that do not fit together', () => {
  const makeTable = routedTablesOn(newestServers()[0] as never);
  const ROUTING = '(routing_id text primary key, store_table_name text not null)';

  async function refusal(
    main: string,
    auxiliary: string | undefined,
    { routing = ROUTING, groupColumn }: { routing?: string; groupColumn?: string } = {},
  ) {
    const t = await makeTable(main);
    if (auxiliary !== undefined)
      await t.database.query(`create table ${t.auxiliary} (${auxiliary})`);
    await t.database.query(`create table ${t.routing} ${routing}`);
    const failure = await failureOf(find(t, groupColumn));
    expect(failure.code).toBe('ROUTING_INVALID');
    expect(await failureOf(t.migrate({ groupColumn }))).toMatchObject({ code: 'ROUTING_INVALID' });
    return failure.message.replaceAll(t.name, 'T');
  }

  test.each([
    ['id int, group_id int', undefined, /no auxiliary table public\.T_relyt_massive_group/],
    ['id int, team int', 'id int, team int', /no column group_id or routing_id/],
    [
      'group_id int, routing_id int',
      'group_id int, routing_id int',
      /has both group_id and routing_id/,
    ],
    ['id int, group_id int', 'id int', /massive_group has no column group_id/],
    [
      'id int, group_id int',
      'id bigint, group_id int',
      /"id" is integer in the main table and bigint/,
    ],
    [
      'id int, group_id int',
      'id int not null, group_id int',
      /nullable in the main table and NOT NULL/,
    ],
    [
      'id int, group_id int, v text',
      'id int, group_id int',
      /only the main table has the column "v"/,
    ],
    [
      'id int, group_id int',
      'id int, group_id int, v text',
      /only the auxiliary table has the column "v"/,
    ],
    [
      'id int, group_id int',
      'id int, group_id text',
      /"group_id" is integer in the main table and text/,
    ],
    [
      'id int primary key, group_id int',
      'id int not null, group_id int',
      /primary key is \(id\) in the main table and none/,
    ],
  ])('%s | %s', async (main, auxiliary, message) => {
    expect(await refusal(main, auxiliary)).toMatch(message);
  });

  test('a group column that is named and is not there', async () => {
    const columns = 'id int, group_id int';
    expect(await refusal(columns, columns, { groupColumn: 'team' })).toMatch(/no column "team"/);
  });

  test('a routing table of other columns, or of numbers for groups that are words', async () => {
    const columns = 'id int, group_id text';
    expect(await refusal(columns, columns, { routing: '(id int)' })).toMatch(
      /is not a routing table/,
    );
    const numbers = '(routing_id bigint, store_table_name text)';
    expect(await refusal(columns, columns, { routing: numbers })).toMatch(/bigint, but the groups/);
  });

  test('groups that are sent elsewhere', async () => {
    const t = await makeTable();
    await t.setUp();
    await t.database.query(`insert into ${t.routing} values ('1', 'somewhere_else')`);
    expect((await failureOf(find(t))).message).toContain('somewhere_else');
  });

  test('a set-up that fails leaves nothing behind', async () => {
    const t = await makeTable('id int, group_id int');
    await t.database.query(`create table ${t.view} (id int)`);
    expect((await failureOf(t.setUp({ view: true }))).code).toBe('ROUTING_INVALID');
    expect(await t.database.query('select to_regclass($1) as aux', [t.auxiliary])).toEqual([
      { aux: null },
    ]);
    await t.database.query(`alter table ${t.main} enable row level security`);
    expect((await failureOf(t.setUp())).message).toMatch(/row security/);
    const longName = 'n'.repeat(44);
    expect(await failureOf(setUpRouting(t.database, { table: longName }))).toMatchObject({
      code: 'CONFIG_INVALID',
    });
  });
});
