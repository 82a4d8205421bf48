// The view over both tables: it shows every row once whatever the collation, and is kept or refused when it is made again.

import { describe, expect, test } from 'vitest';
import { createRole } from '../../support/database.ts';
import { failureOf, targetsOn } from '../../support/loading.ts';
import { newestServers } from '../../support/stack.ts';
import { setUpRouting } from '../migrate/routed-tables.ts';
import { RoutedTarget } from './routed-target.ts';

describe.each(newestServers())('the view, on $name', (server) => {
  const makeTarget = targetsOn(server);

  async function made(columns = 'id int primary key, group_id int, v text') {
    const target = await makeTarget(columns);
    await target.load([]);
    const view = `public.${target.table}_relyt_all`;
    const setUp = () =>
      setUpRouting(target.database, { table: target.table, view: true, roles: [] });
    return { target, routed: new RoutedTarget(target), view, setUp };
  }

  test('G1: groups that are one text under their collation are two, as for a load', async (context) => {
    const probe = await makeTarget('id int');
    const [icu] = await probe.database.query(
      `select 1 from pg_collation where collprovider = 'i' limit 1`,
    );
    if (icu === undefined) context.skip();
    await probe.database.query(
      `create collation if not exists ci (provider = icu, locale = 'und-u-ks-level2', deterministic = false)`,
    );
    const { target, routed, view, setUp } = await made(
      'id int primary key, group_id text collate ci, v text',
    );
    await setUp();
    await routed.route('ABC');
    const records = ['ABC', 'abc', 'ABC', 'Abc', 'x'].map((group_id, id) => ({ id, group_id }));
    await target.load(records);
    expect(await routed.ids()).toEqual({ main: [1, 3, 4], auxiliary: [0, 2] });
    expect(await routed.query(`select id, group_id from ${view} order by id`)).toEqual(records);
  });

  test('after a column was renamed in both tables it has the new name, and its readers stay', async () => {
    const { target, routed, view, setUp } = await made();
    await setUp();
    const reader = await createRole(target.database, 'reader');
    await routed.query(`grant select on ${view} to ${reader.name}`);
    const rename = 'rename v to w';
    await routed.query(`alter table ${target.sql} ${rename}`);
    await routed.query(`alter table ${routed.auxiliary} ${rename}`);
    await setUp();
    const [is] = await routed.query(
      `select has_table_privilege($1::name, $2::regclass, 'select') as readable,
         (select array_agg(attname::text order by attnum) from pg_attribute where attrelid = $2::regclass) as columns`,
      [reader.name, view],
    );
    expect(is).toEqual({ readable: true, columns: ['id', 'group_id', 'w'] });
  });

  test('a column that is added comes along, and what depends on the view stays', async () => {
    const { target, routed, view, setUp } = await made();
    await setUp();
    await routed.query(`create view ${view}_too as select id from ${view}`);
    for (const table of [target.sql, routed.auxiliary])
      await routed.query(`alter table ${table} add column n int`);
    await setUp();
    expect(await routed.query(`select n from ${view}`)).toEqual([]);
    for (const table of [target.sql, routed.auxiliary])
      await routed.query(`alter table ${table} rename n to m`);
    const failure = await failureOf(setUp());
    expect(failure.code).toBe('ROUTING_INVALID');
    expect(failure.message).toContain(`${target.table}_relyt_all_too`);
    expect(await routed.query(`select id from ${view}_too`)).toEqual([]);
  });

  test.each([
    ['a table', 'create table VIEW (id int)', 'public.T_relyt_all is a table'],
    [
      'a view of somebody else',
      'create view VIEW as select 1 as id',
      'public.T_relyt_all is a view',
    ],
    [
      'a view, where the auxiliary table would be',
      'create view AUXILIARY as select 1 as id',
      'public.T_relyt_massive_group is a view',
    ],
    [
      'a sequence, where the routing table would be',
      'create sequence ROUTING',
      'relyt_sys.T_relyt_routing is a sequence',
    ],
  ])('%s of its name is refused and left alone', async (_, text, message) => {
    const { target, routed, view, setUp } = await made();
    const named = text
      .replace('VIEW', view)
      .replace('AUXILIARY', routed.auxiliary)
      .replace('ROUTING', routed.routing);
    await routed.query(named);
    const failure = await failureOf(setUp());
    expect(failure.code).toBe('ROUTING_INVALID');
    expect(failure.message.replaceAll(target.table, 'T')).toContain(message);
    const stored = await routed.query(
      `select 1 from relyt_sys.relyt_loader_routing where main_table = 'public.${target.table}'`,
    );
    expect(stored).toEqual([]);
    const [found] = await routed.query(`select count(*)::int as n from pg_class
      where relname in ('${target.table}_relyt_all', '${target.table}_relyt_massive_group', '${target.table}_relyt_routing')`);
    expect(found).toEqual({ n: 1 });
  });
});
