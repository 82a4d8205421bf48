// By which column a table is routed: what `relyt init --routing` stored, for loads, migrations, set-ups and the view.

import { describe, expect, test, vi } from 'vitest';
import { migrateGroups } from '../../../src/administration.ts';
import { holdCommit } from '../../support/held-commit.ts';
import { failureOf, type TestTarget, targetsOn } from '../../support/loading.ts';
import { defaultServer, newestServers } from '../../support/stack.ts';
import { relyt } from '../cli/relyt.ts';
import { environmentOf, relytOn } from '../cli/relyt-on.ts';
import { setUpRouting } from '../migrate/routed-tables.ts';
import { addRouting, RoutedTarget } from './routed-target.ts';

const TENANTS = { main: 'tenant', auxiliary: 'tenant' };
const COLUMNS = 'id int primary key, tenant int, group_id int, v text';

/** Records of two tenants; their group_id says the opposite of their tenant. */
function tenants(count: number, v = 'first', from = 0) {
  return Array.from({ length: count }, (_, n) => {
    const id = from + n;
    return { id, tenant: id % 2 === 0 ? 5 : 1, group_id: id % 2 === 0 ? 1 : 5, v };
  });
}

function asTenants(records: ReturnType<typeof tenants>) {
  return records.map(({ id, v, tenant }) => ({ id, v, group: tenant }));
}

function setUp({ database, table }: TestTarget, groupColumn?: string, view = false) {
  return setUpRouting(database, { table, groupColumn, view });
}

describe.each(newestServers())('the column of the groups, on $name', (server) => {
  const makeTarget = targetsOn(server);

  /** A table whose bookkeeping is there, not routed yet. */
  async function made(columns = COLUMNS): Promise<RoutedTarget> {
    const target = await makeTarget(columns);
    await target.load([]);
    return new RoutedTarget(target, TENANTS);
  }

  test('G1: what a set-up stored is followed by loads, migrations and set-ups that name nothing', async () => {
    const routed = await made();
    const { target } = routed;
    await setUp(target, 'tenant', true);
    await target.load(tenants(20));
    const postgresql = { connectionString: target.database.url };
    const tables = [`public.${target.table}`];
    await migrateGroups({ postgresql }, { tables, threshold: 10, maxGroups: 1 });
    expect(await routed.moved('distinct tenant')).toHaveLength(1);
    await target.load(tenants(30, 'second', 10));
    await routed.expectRows(asTenants([...tenants(10), ...tenants(30, 'second', 10)]));
    expect((await setUp(target, undefined, true)).groupColumn).toEqual(TENANTS);
    const seen = await routed.query(`select id from public.${target.table}_relyt_all`);
    expect(seen).toHaveLength(40);
  });

  test('another name than the stored one is refused by all of them', async () => {
    const { target } = await made();
    await setUp(target, 'tenant');
    const postgresql = { connectionString: target.database.url };
    const tables = [`public.${target.table}`];
    const groupColumn = 'group_id';
    for (const attempt of [
      () => target.load(tenants(2), { groupColumn }),
      () => migrateGroups({ postgresql }, { tables, threshold: 1, groupColumn }),
      () => setUp(target, groupColumn),
    ]) {
      const failure = await failureOf(attempt());
      expect(failure.code).toBe('ROUTING_INVALID');
      expect(failure.message).toContain('is routed by its column "tenant"');
    }
    await target.load(tenants(2), { groupColumn: 'tenant' });
    expect(await target.count()).toBe(2);
  });

  test('tables of the Go SDK, of which nothing is stored: the usual name, or one that nobody else would miss', async () => {
    const usual = await made('id int primary key, group_id int, v text');
    await addRouting(usual);
    await usual.target.load([{ id: 1, group_id: 5 }]);
    const both = await made('id int primary key, group_id int, routing_id int');
    await addRouting(both);
    await both.route(5);
    const record = { id: 1, group_id: 1, routing_id: 5 };
    const unclear = await failureOf(both.target.load([record]));
    expect(unclear.message).toContain('has both group_id and routing_id');
    expect(unclear.hint).toContain(
      `\`relyt init --routing public.${both.target.table} --group-column COLUMN\``,
    );
    await both.target.load([record], { groupColumn: 'routing_id' });
    expect(await both.ids()).toEqual({ main: [], auxiliary: [1] });

    const other = await made();
    await addRouting(other);
    await other.route(5);
    const refused = await failureOf(other.target.load(tenants(4), { groupColumn: 'tenant' }));
    expect(refused.message).toContain('loads that do not name it would take "group_id"');
    await setUp(other.target, 'tenant');
    await other.target.load(tenants(4), { groupColumn: 'tenant' });
    await other.target.load(tenants(4, 'second', 2));
    await other.expectRows(asTenants([...tenants(2), ...tenants(4, 'second', 2)]));
  });

  test('G1: a load that runs follows the column that is stored meanwhile', async () => {
    const routed = await made();
    const { target } = routed;
    await addRouting(routed);
    await routed.route(5);
    await using processor = await target.open();
    // By group_id, as nobody said anything else; these are at home by either column.
    await processor.insert([{ id: 100, tenant: 5, group_id: 5, v: 'first' }]);
    await processor.flush();
    await setUp(target, 'tenant');
    await processor.insert(tenants(20));
    await processor.shutdown();
    const first = { id: 100, v: 'first', group: 5 };
    await routed.expectRows([...asTenants(tenants(20)), first]);
  });

  test('G1: a column is stored when the imports that do not know it are over', async () => {
    const routed = await made();
    const { target } = routed;
    await addRouting(routed);
    await routed.route(7);
    using commit = holdCommit();
    const loaded = target.load(tenants(4));
    await commit.reached;
    const stored = setUp(target, 'tenant');
    await vi.waitFor(
      async () => {
        const waiting = 'select 1 from pg_locks where relation = $1::regclass and not granted';
        expect(await routed.query(waiting, [routed.routing])).toHaveLength(1);
      },
      { timeout: 60_000 },
    );
    commit.release();
    await Promise.all([loaded, stored]);
    const rows = await routed.query(
      `select main_column, auxiliary_column from relyt_sys.relyt_loader_routing where main_table = 'public.${target.table}'`,
    );
    expect(rows).toEqual([{ main_column: 'tenant', auxiliary_column: 'tenant' }]);
  });

  test('no other column is stored while a group is half-way', async () => {
    const routed = await made();
    const { target } = routed;
    await addRouting(routed);
    await routed.query(
      `insert into relyt_sys.relyt_loader_move values ('public.${target.table}', '5', 'to-auxiliary', 'COPY', 'me', 1,
         now(), 30, 1, 0, 0, null, now(), now())`,
    );
    const failure = await failureOf(setUp(target, 'tenant'));
    expect(failure).toMatchObject({ code: 'ROUTING_INVALID' });
    expect(failure.hint).toContain('relyt migrate');
    expect((await setUp(target)).groupColumn).toMatchObject({ main: 'group_id' });
  });

  test('a column that is renamed in both tables is stored again', async () => {
    const routed = await made();
    const { target } = routed;
    await setUp(target, 'tenant');
    for (const table of [target.sql, routed.auxiliary])
      await routed.query(`alter table ${table} rename tenant to team`);
    const records = tenants(4).map(({ tenant, ...rest }) => ({ ...rest, team: tenant }));
    for (const attempt of [() => target.load(records), () => setUp(target)]) {
      const failure = await failureOf(attempt());
      expect(failure.code).toBe('ROUTING_INVALID');
      expect(failure.message).toContain('does not have the column "tenant" any more');
    }
    expect((await setUp(target, 'team')).groupColumn.main).toBe('team');
    await routed.route(5);
    await target.load(records);
    expect(await routed.ids()).toEqual({ main: [1, 3], auxiliary: [0, 2] });
  });

  test('what is stored of a table that is gone means nothing for a new one of its name', async () => {
    const routed = await made();
    const { target } = routed;
    await setUp(target, 'tenant');
    await routed.query(`drop table ${target.sql}, ${routed.auxiliary}, ${routed.routing}`);
    await routed.query(
      `create table ${target.sql} (id int primary key, routing_id int, tenant int)`,
    );
    expect((await setUp(target)).groupColumn.main).toBe('routing_id');
  });
});

describe('by the commands', () => {
  const makeTarget = targetsOn(defaultServer());

  test('init stores the column, and load, which has no option for it, follows', async () => {
    const target = await makeTarget('id int primary key, tenant int, v text');
    const routed = new RoutedTarget(target, TENANTS);
    await target.load([]);
    await addRouting(routed);
    await routed.route(5);
    const name = `public.${target.table}`;
    const load = ['load', '-', '--format', 'csv', '--table', target.table];
    const env = environmentOf(target);
    const input = 'id,tenant,v\n1,5,a\n2,6,b\n';
    const refused = await relyt(load, { env, input });
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain(`relyt init --routing ${name} --group-column COLUMN`);
    const init = await relytOn(target, 'init', '--routing', name, '--group-column', 'tenant');
    expect(init).toMatchObject({ code: 0, stderr: '' });
    expect(init.stdout).toContain(`routing   ${name} by tenant: `);
    const loaded = await relyt(load, { env, input });
    expect(loaded).toMatchObject({ code: 0, stderr: '' });
    expect(await routed.ids()).toEqual({ main: [2], auxiliary: [1] });
    const again = await relytOn(target, 'init', '--routing', name, '--group-column', 'id');
    expect(again).toMatchObject({ code: 1, stdout: '' });
    expect(again.stderr).toContain('is routed by its column "tenant"');
  });
});
