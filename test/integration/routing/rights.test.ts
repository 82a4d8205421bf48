// G8: a right that a load into a routed table needs is found before the first record; `relyt init --role` gives them.

import pg from 'pg';
import { describe, expect, test } from 'vitest';
import type { ExaminationReport } from '../../../src/doctor/examine.ts';
import { createLoaderRole, failureOf, type LoadOptions, targetsOn } from '../../support/loading.ts';
import { defaultServer, newestServers } from '../../support/stack.ts';
import { relyt } from '../cli/relyt.ts';
import { environmentOf, relytOn } from '../cli/relyt-on.ts';
import { setUpRouting } from '../migrate/routed-tables.ts';
import { makeRouted, type RoutedTarget, tens } from './routed-target.ts';

const KEYED = 'id int primary key, group_id int, v text';
const GROUP_IN_KEY = 'id int, group_id int, v text, primary key (group_id, id)';
const ALL = { main: 'select, insert, update, delete', routing: 'select, update' };

interface Rights {
  readonly main: string;
  /** As the main table where it is left out. */
  readonly auxiliary?: string;
  readonly routing: string;
}

/** A loader with these rights on the three tables. */
async function loaderWith(routed: RoutedTarget, { main, auxiliary = main, routing }: Rights) {
  const role = await createLoaderRole(routed.target);
  const quoted = pg.escapeIdentifier(role.name);
  for (const [table, rights] of [
    [routed.target.sql, main],
    [routed.auxiliary, auxiliary],
    [routed.routing, routing],
  ] as const)
    if (rights !== '') await routed.query(`grant ${rights} on ${table} to ${quoted}`);
  return { ...role, quoted };
}

describe.each(newestServers())('rights on routed tables, on $name', (server) => {
  const makeTarget = targetsOn(server);

  test.each([
    [KEYED, {}, { ...ALL, auxiliary: '' }, 'INSERT, SELECT, UPDATE, DELETE', 'auxiliary'],
    [KEYED, {}, { ...ALL, auxiliary: 'select, insert, update' }, 'DELETE', 'auxiliary'],
    [KEYED, {}, { ...ALL, main: 'select, insert, update', auxiliary: ALL.main }, 'DELETE', 'main'],
    [GROUP_IN_KEY, {}, { ...ALL, auxiliary: 'select, insert' }, 'UPDATE', 'auxiliary'],
    [KEYED, { onConflict: 'nothing' }, { ...ALL, auxiliary: 'insert' }, 'SELECT', 'auxiliary'],
    [KEYED, { onConflict: 'error' }, { ...ALL, auxiliary: 'insert' }, 'SELECT', 'auxiliary'],
    ['id int, group_id int, v text', {}, { ...ALL, auxiliary: '' }, 'INSERT', 'auxiliary'],
    [KEYED, {}, { ...ALL, routing: '' }, 'SELECT, UPDATE', 'routing'],
    [KEYED, {}, { ...ALL, routing: 'select' }, 'UPDATE', 'routing'],
  ] satisfies [string, LoadOptions, Rights, string, 'main' | 'auxiliary' | 'routing'][])(
    '%s with %j and %j: create() says GRANT %s on the %s table',
    async (columns, options, rights, lacks, where) => {
      const routed = await makeRouted(makeTarget, columns, { groups: [7] });
      const { target, auxiliary, routing } = routed;
      const role = await loaderWith(routed, rights);
      const place = { main: target.sql, auxiliary, routing }[where];
      const failure = await failureOf(target.open({ url: role.url, ...options }));
      expect(failure.code).toBe('DATABASE_PERMISSION_DENIED');
      const shown = place.replaceAll('"', '');
      expect(failure.message).toBe(`The role "${role.name}" lacks ${lacks} on ${shown}.`);
      const [, grant] = /^Have its owner run: (GRANT .*;)$/.exec(failure.hint) ?? [];
      expect(grant?.replaceAll('"', '')).toBe(`GRANT ${lacks} ON ${shown} TO ${role.name};`);
      await routed.query(grant ?? '');
      await target.load(tens(20), { url: role.url, ...options });
      expect((await routed.ids()).auxiliary).toEqual([7, 17]);
    },
  );

  test.each([
    ['whose key holds the group', GROUP_IN_KEY, {}],
    ["loaded with 'nothing'", KEYED, { onConflict: 'nothing' }],
    ["loaded with 'error'", KEYED, { onConflict: 'error' }],
    ['without a key', 'id int, group_id int, v text', {}],
  ] satisfies [string, string, LoadOptions][])(
    'a table %s needs no right to delete',
    async (_, columns, options) => {
      const routed = await makeRouted(makeTarget, columns, { groups: [7] });
      const role = await loaderWith(routed, { ...ALL, main: 'select, insert, update' });
      await routed.target.load(tens(20), { url: role.url, ...options });
      expect((await routed.ids()).auxiliary).toEqual([7, 17]);
    },
  );

  test('what a routed table needs is not asked of its namesake in another schema', async () => {
    const routed = await makeRouted(makeTarget, KEYED);
    const { table } = routed.target;
    const namesake = await makeTarget(KEYED, { schema: `apart_${table}`, table });
    const role = await createLoaderRole(namesake);
    const quoted = pg.escapeIdentifier(role.name);
    await routed.query(`grant usage on schema apart_${table} to ${quoted}`);
    await routed.query(`grant select, insert, update on ${namesake.sql} to ${quoted}`);
    await namesake.load(tens(3), { url: role.url });
    expect(await namesake.count()).toBe(3);
  });

  test('a set-up that names a role gives it on tables that are there what it has on the main one', async () => {
    const target = await makeTarget(
      'id int primary key, n int generated always as identity, group_id int, v text',
    );
    await target.load([]);
    const { table, database } = target;
    await setUpRouting(database, { table, view: true });
    await database.query(`insert into relyt_sys.${table}_relyt_routing values ('7', $1)`, [
      `${table}_relyt_massive_group`,
    ]);
    const role = await createLoaderRole(target);
    await database.query(`grant select, insert, update on ${target.sql} to ${role.name}`);
    const { granted } = await setUpRouting(database, { table, view: true, roles: [role.name] });
    expect(granted).toEqual([
      `DELETE on public.${table} to ${role.name}`,
      `SELECT, INSERT, UPDATE, DELETE on public.${table}_relyt_massive_group to ${role.name}`,
    ]);
    const again = await setUpRouting(database, { table, roles: [role.name] });
    expect(again.granted).toEqual([]);
    const { url } = role;
    await target.load(tens(20), { url });
    await target.load([{ id: 7, group_id: 1, v: 'left' }], { url });
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    try {
      const { rows } = await client.query(
        `select id, v from public.${table}_relyt_all where id in (7, 17) order by id`,
      );
      expect(rows).toEqual([
        { id: 7, v: 'left' },
        { id: 17, v: 'first' },
      ]);
    } finally {
      await client.end();
    }
  });
});

describe('relyt doctor --table', () => {
  const makeTarget = targetsOn(defaultServer());

  async function tableStep(routed: RoutedTarget, url?: string) {
    const env = { ...environmentOf(routed.target), ...(url && { DATABASE_URL: url }) };
    const args = ['doctor', '--engine', 'copy', '--json', '--table', routed.target.table];
    const report = JSON.parse((await relyt(args, { env })).stdout) as ExaminationReport;
    return report.steps.find(({ name }) => name === 'table');
  }

  test('says by which column a table is routed, and what a role lacks on the auxiliary table', async () => {
    const routed = await makeRouted(makeTarget, KEYED);
    const role = await loaderWith(routed, { ...ALL, auxiliary: '' });
    const lacking = await tableStep(routed, role.url);
    expect(lacking).toMatchObject({ status: 'failed', code: 'DATABASE_PERMISSION_DENIED' });
    expect(lacking?.todo).toContain('GRANT INSERT, SELECT, UPDATE, DELETE ON "public"."');
    const name = `public.${routed.target.table}`;
    await relytOn(routed.target, 'init', '--role', role.name, '--routing', name);
    const well = await tableStep(routed, role.url);
    expect(well?.message).toContain(`routed by "group_id" to ${name}_relyt_massive_group`);
    expect(well).toMatchObject({ status: 'ok' });
  });

  test('finds a routing table without its auxiliary table', async () => {
    const routed = await makeRouted(makeTarget, KEYED);
    await routed.target.load([]);
    await routed.query(`drop table ${routed.auxiliary}`);
    expect(await tableStep(routed)).toMatchObject({
      status: 'failed',
      code: 'ROUTING_INVALID',
      todo: expect.stringContaining(`relyt init --routing public.${routed.target.table}`),
    });
  });
});
