// G3, G7: keys and groups whose type and operators are those of an extension outside pg_catalog: routing, imports and
// migrations compare them as the type does, under a search path that finds neither.

import { describe, expect, test } from 'vitest';
import { migrateGroups } from '../../../src/administration.ts';
import { createLoaderRole, targetsOn } from '../../support/loading.ts';
import { newestServers } from '../../support/stack.ts';
import { setUpRouting } from '../migrate/routed-tables.ts';
import { RoutedTarget } from '../routing/routed-target.ts';

const BEFORE = `create schema if not exists ext;
  create extension if not exists citext schema ext;
  grant usage on schema ext to public`;

/** `key` folds the case of some: they are equal to the type only. */
const records = (v: string, key: (n: number) => string) =>
  Array.from({ length: 30 }, (_, n) => ({ id: key(n), group_id: n % 3 === 0 ? 'Odd' : 'even', v }));

const lower = (n: number) => `key ${n}`;
const mixed = (n: number) => (n % 2 === 0 ? `KEY ${n}` : `key ${n}`);

describe.each(newestServers())('keys of citext on $name', (server) => {
  const makeTarget = targetsOn(server);

  test.each([
    { move: 'in one transaction', batchRows: 1000 },
    { move: 'in batches', batchRows: 4 },
  ])('are loaded, moved $move and updated where they live', async ({ batchRows }) => {
    const routed = new RoutedTarget(
      await makeTarget('id ext.citext primary key, group_id ext.citext, v text', {
        before: BEFORE,
      }),
    );
    const { target } = routed;
    const role = await createLoaderRole(target);
    await target.database.query(`grant all on ${target.sql} to "${role.name}"`);
    await setUpRouting(target.database, { table: target.table, roles: [role.name] });
    await target.database.query(`grant all on ${routed.auxiliary} to "${role.name}"`);
    await target.load([...records('a', lower), ...records('b', mixed)], { url: role.url });
    const move = (back: boolean) =>
      migrateGroups(
        { postgresql: { connectionString: target.database.url } },
        { tables: [`public.${target.table}`], threshold: back ? 100 : 5, batchRows, back },
      );
    const counts = async () => {
      const count = (table: string) =>
        routed.query(
          `select v, group_id::text collate "C" as g, count(*)::int as n from ${table} group by 1, 2 order by 1, 2`,
        );
      return { main: await count(target.sql), auxiliary: await count(routed.auxiliary) };
    };
    const rows = (v: string) => [
      { v, g: 'Odd', n: 10 },
      { v, g: 'even', n: 20 },
    ];
    expect(await counts()).toEqual({ main: rows('b'), auxiliary: [] });
    await move(false);
    expect(await counts()).toEqual({ main: [], auxiliary: rows('b') });
    // The group is written another way, too, than in the routing table.
    const loud = records('c', mixed).map((record) => ({
      ...record,
      group_id: record.group_id.toUpperCase(),
    }));
    const updated = await target.load(loud, { url: role.url });
    expect(await routed.counts(updated)).toMatchObject({ inserted: 0, updated: 30 });
    await move(true);
    expect(await target.count()).toBe(30);
    expect(await routed.moved()).toEqual([]);
  });
});
