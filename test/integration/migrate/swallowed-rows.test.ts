// A trigger that returns NULL makes a row vanish on its way without an error: a move that meets one is rolled back.

import { describe, expect, onTestFinished, test } from 'vitest';
import { POSTGRESQL } from '../../../src/core/dialect.ts';
import { armFailpoint } from '../../../src/failpoints.ts';
import type { MigrateOptions } from '../../../src/migrate/migrate-options.ts';
import type { FailedGroup } from '../../../src/migrate/migration-report.ts';
import { newestServers } from '../../support/stack.ts';
import { LIKE_GREENPLUM_6, type RoutedFixture, routedTablesOn } from './routed-tables.ts';

const DIALECTS = [
  ['as PostgreSQL', POSTGRESQL],
  ['as Greenplum 6, one table at a time', LIKE_GREENPLUM_6],
] as const;
const WHOLE = { batchRows: 1000 };
const BATCHES = { batchRows: 20 };
const BACK = { back: true, threshold: 1000 };

/** Rows of these ids are neither inserted nor deleted: the statement goes on as if they had not been there. */
async function swallow(
  t: RoutedFixture,
  event: 'insert' | 'delete',
  { table, ids }: { table: string; ids: string },
): Promise<{ drop(): Promise<unknown> }> {
  const name = `swallow_${t.name}`;
  const row = event === 'insert' ? 'new' : 'old';
  await t.database.query(`create function ${name}() returns trigger language plpgsql as
    'begin if ${row}.${ids} then return null; end if; return ${row}; end'`);
  await t.database.query(`create trigger ${name} before ${event} on ${table}
    for each row execute function ${name}()`);
  return { drop: () => t.database.query(`drop function ${name}() cascade`) };
}

describe.each(newestServers())('rows that a trigger swallows on $name (G1)', (server) => {
  const makeTable = routedTablesOn(server);

  describe.each(DIALECTS)('%s', (_, dialect) => {
    const migrate = async (t: RoutedFixture, options: Partial<MigrateOptions>) => {
      const { tables } = await t.migrateAs(dialect, { threshold: 50, ...options });
      if (tables[0] === undefined) throw new Error('a table was migrated');
      return tables[0];
    };
    const expectRefused = (failed: readonly FailedGroup[], table: string) => {
      expect(failed).toMatchObject([{ group: '1', code: 'MIGRATION_REFUSED' }]);
      expect(failed[0]?.message).toMatch(/group 1 of public\./i);
      expect(failed[0]?.hint).toMatch(/triggers or rules/);
      expect(failed[0]?.hint).toContain(table);
    };
    const prepared = async () => {
      const t = await makeTable();
      await t.setUp({ view: true });
      await t.fill(1, 1, 50);
      await t.fill(2, 1001, 10);
      return t;
    };

    test.each([
      ['all that arrive', 'insert', 'id > 0', WHOLE],
      ['half of those that arrive', 'insert', 'id % 2 = 0', WHOLE],
      ['all that arrive, in batches', 'insert', 'id > 0', BATCHES],
      ['half of those that arrive, in batches', 'insert', 'id % 2 = 0', BATCHES],
      ['the last one that arrives, in batches', 'insert', 'id = 50', BATCHES],
      ['all that are deleted', 'delete', 'id > 0', WHOLE],
      ['one that is deleted', 'delete', 'id = 7', WHOLE],
    ] as const)('%s: nothing is changed', async (_, event, ids, options) => {
      const t = await prepared();
      const before = await t.read();
      const [table, other] = event === 'insert' ? [t.auxiliary, t.main] : [t.main, t.auxiliary];
      const trigger = await swallow(t, event, { table, ids });
      const { failed, groups } = await migrate(t, options);
      expect(groups).toEqual([]);
      expectRefused(failed, other.replaceAll('"', ''));
      expect(await t.counts(t.main)).toEqual({ 1: 50, 2: 10 });
      expect(await t.counts(t.auxiliary)).toEqual({});
      expect(await t.routed()).toEqual([]);
      expect(await t.read()).toEqual(before);
      await t.expectSettled(60);
      await trigger.drop();
      expect((await migrate(t, options)).groups).toMatchObject([{ group: '1', rows: 50 }]);
      expect(await t.read()).toEqual(before);
      await t.expectSettled(60);
    });

    test.each([
      ['whole', WHOLE],
      ['in batches', BATCHES],
    ])('on the way back, %s: nothing is changed', async (_, options) => {
      const t = await prepared();
      await migrate(t, {});
      const before = await t.read();
      const trigger = await swallow(t, 'insert', { table: t.main, ids: 'id = 9' });
      expectRefused((await migrate(t, { ...BACK, ...options })).failed, t.name);
      expect(await t.counts(t.auxiliary)).toEqual({ 1: 50 });
      expect(await t.counts(t.main)).toEqual({ 2: 10 });
      await t.expectSettled(60);
      await trigger.drop();
      await migrate(t, { ...BACK, ...options });
      expect(await t.read()).toEqual(before);
      await t.expectSettled(60);
    });

    test('one that is deleted after the flip: the group has moved, and the next migration ends it', async () => {
      const t = await prepared();
      const before = await t.read();
      const trigger = await swallow(t, 'delete', { table: t.main, ids: 'id = 33' });
      const { failed } = await migrate(t, BATCHES);
      expectRefused(failed, t.name);
      expect(failed[0]?.message).toContain('has moved, but its old rows in public.');
      expect(await t.read()).toEqual(before);
      expect(await t.routed()).toEqual(['1']);
      expect(await t.moves()).toMatchObject([{ phase: 'CLEAN' }]);
      await trigger.drop();
      expect(await migrate(t, BATCHES)).toMatchObject({ failed: [], groups: [{ resumed: true }] });
      expect(await t.read()).toEqual(before);
      await t.expectSettled(60);
    });

    test.each([
      [
        'a row that came behind what is copied',
        'insert',
        'insert into MAIN values (0, 1, $$new$$)',
      ],
      ['the copy of a row that is gone', 'delete', 'delete from MAIN where id = 0'],
    ] as const)('%s, which only the flip meets', async (_, event, change) => {
      const t = await prepared();
      if (event === 'delete') await t.fill(1, 0, 1);
      const trigger = await swallow(t, event, { table: t.auxiliary, ids: 'id = 0' });
      let batches = 0;
      const disarm = armFailpoint('move-batch-copied', async () => {
        if (++batches === 1) await t.database.query(change.replace('MAIN', t.main));
      });
      onTestFinished(disarm);
      const { failed } = await migrate(t, BATCHES);
      expectRefused(failed, t.name);
      expect(await t.routed()).toEqual([]);
      const rows = event === 'insert' ? 51 : 50;
      expect(await t.counts(t.main)).toEqual({ 1: rows, 2: 10 });
      expect(await t.read()).toHaveLength(rows + 10);
      await trigger.drop();
      // Without its trigger the copy that stayed is taken back, or deleted by the flip.
      await migrate(t, BATCHES);
      expect(await t.counts(t.auxiliary)).toEqual({ 1: rows });
      await t.expectSettled(rows + 10);
    });

    test('one in the destination past the routing, which a move in batches gathers first', async () => {
      const t = await prepared();
      await t.fill(1, 501, 5, t.auxiliary);
      const trigger = await swallow(t, 'insert', { table: t.main, ids: 'id = 503' });
      expectRefused((await migrate(t, BATCHES)).failed, t.name);
      expect(await t.counts(t.main)).toEqual({ 1: 50, 2: 10 });
      expect(await t.counts(t.auxiliary)).toEqual({ 1: 5 });
      expect(await t.moves()).toEqual([]);
      await trigger.drop();
      expect((await migrate(t, BATCHES)).groups).toMatchObject([{ group: '1', rows: 55 }]);
      await t.expectSettled(65);
    });
  });
});
