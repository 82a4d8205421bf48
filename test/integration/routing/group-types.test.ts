// G3, G4: one group is routed to one table, for every loader and reader. So the text by which groups are told apart may not
// depend on settings that loaders and readers each have their own.

import { describe, expect, test } from 'vitest';
import { failureOf, targetsOn } from '../../support/loading.ts';
import { newestServers } from '../../support/stack.ts';
import { setUpRouting } from '../migrate/routed-tables.ts';
import { makeRouted, RoutedTarget } from './routed-target.ts';

describe.each(newestServers())('groups on $name', (server) => {
  const makeTarget = targetsOn(server);
  const keyed = (type: string) => `id int primary key, group_id ${type}, v int`;

  test.each(['timestamptz', 'timestamptz[]', 'money'])(
    'of type %s are refused by loads and by the set-up (G8)',
    async (type) => {
      const refused = {
        code: 'ROUTING_INVALID',
        message: expect.stringContaining('depends on TimeZone or lc_monetary'),
        hint: expect.stringContaining('Route by a column of another type'),
      };
      const routed = await makeRouted(makeTarget, keyed(type), { groups: [] });
      expect(await failureOf(routed.target.load([{ id: 1, v: 1 }]))).toMatchObject(refused);
      const target = await makeTarget(keyed(type));
      await target.load([]);
      const set = { table: target.table, view: false, roles: [] };
      expect(await failureOf(setUpRouting(target.database, set))).toMatchObject(refused);
      expect(await new RoutedTarget(target).query(NAMED, [`%${target.table}_relyt%`])).toEqual([]);
    },
  );

  test.each(['date', 'timestamp', 'float8', 'bytea', 'date[]'])(
    'of type %s have no view, whose readers have settings of their own',
    async (type) => {
      const target = await makeTarget(keyed(type));
      await target.load([]);
      const set = { table: target.table, roles: [] };
      const failure = await failureOf(setUpRouting(target.database, { ...set, view: true }));
      expect(failure).toMatchObject({
        code: 'ROUTING_INVALID',
        message: expect.stringContaining('depends on settings of the reader'),
        hint: expect.stringContaining('Leave out --view'),
      });
      await setUpRouting(target.database, { ...set, view: false });
      await target.load([{ id: 1, v: 1 }]);
      expect(await target.count()).toBe(1);
    },
  );

  test.each([
    ['int', 7],
    ['text', 'seven'],
    ['uuid', 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'],
    ['numeric(6,2)', '7.00'],
    ['bool', true],
  ] as const)('of type %s are the same in the view for all readers', async (type, group) => {
    const target = await makeTarget(keyed(type));
    await target.load([]);
    await setUpRouting(target.database, { table: target.table, view: true, roles: [] });
    const routed = new RoutedTarget(target);
    await routed.route(String(group));
    await target.load([{ id: 1, group_id: group, v: 1 }]);
    expect(await routed.ids()).toEqual({ main: [], auxiliary: [1] });
    expect(await routed.query(`select id from public.${target.table}_relyt_all`)).toEqual([
      { id: 1 },
    ]);
  });
});

const NAMED = 'select relname from pg_class where relname like $1';
