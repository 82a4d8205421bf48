// One group that cannot be moved stops no other, stays whole where it is, and is not left on its way.

import { describe, expect, onTestFinished, test } from 'vitest';
import { POSTGRESQL } from '../../../src/core/dialect.ts';
import { armFailpoint } from '../../../src/failpoints.ts';
import { failureOf } from '../../support/loading.ts';
import { newestServers } from '../../support/stack.ts';
import { COLUMNS, LIKE_GREENPLUM_6, type RoutedFixture, routedTablesOn } from './routed-tables.ts';

const DIALECTS = [
  ['as PostgreSQL', POSTGRESQL],
  ['as Greenplum 6, one table at a time', LIKE_GREENPLUM_6],
] as const;

describe.each(newestServers())('a group that cannot be moved on $name', (server) => {
  const makeTable = routedTablesOn(server);
  const refuse = (t: RoutedFixture, id: number) =>
    t.database.query(`alter table ${t.auxiliary} add constraint no_${id} check (id <> ${id})`);
  const allow = (t: RoutedFixture, id: number) =>
    t.database.query(`alter table ${t.auxiliary} drop constraint no_${id}`);

  describe.each(DIALECTS)('%s', (_, dialect) => {
    test.each([1000, 20])(
      '%i rows a transaction: it is undone, named, and the others move (G1, G8)',
      async (batchRows) => {
        const t = await makeTable();
        await t.setUp({ view: true });
        await t.fill(1, 1, 130);
        await t.fill(2, 1001, 120);
        await t.fill(3, 2001, 110);
        const before = await t.read();
        // A row of the last batches: copies of the first ones have to be taken back.
        await refuse(t, 113);
        const { tables } = await t.migrateAs(dialect, { batchRows });
        expect(tables[0]).toMatchObject({
          groups: [{ group: '2' }, { group: '3' }],
          failed: [
            {
              group: '1',
              direction: 'to-auxiliary',
              code: 'MIGRATION_REFUSED',
              message: expect.stringContaining(`Could not move group 1 of public.${t.name}: `),
              hint: expect.stringContaining('check'),
              details: { sqlstate: '23514', constraint: 'no_113' },
            },
          ],
          remaining: 0,
        });
        expect(await t.read()).toEqual(before);
        expect(await t.counts(t.auxiliary)).toEqual({ 2: 120, 3: 110 });
        await t.expectSettled(360);
        await allow(t, 113);
        await t.migrateAs(dialect, { batchRows });
        expect(await t.read()).toEqual(before);
        expect(await t.routed()).toEqual(['1', '2', '3']);
        await t.expectSettled(360);
      },
    );
  });

  test('back into a partitioned table that has no partition for a row', async () => {
    const t = await makeTable(
      'id bigint, group_id int, v text not null, primary key (id)) partition by range (id',
    );
    await t.database.query(
      `create table ${t.name}_low partition of ${t.main} for values from (0) to (1000)`,
    );
    await t.setUp({ view: true });
    await t.fill(1, 1, 100);
    await t.fill(2, 501, 60);
    await t.migrate({ threshold: 50 });
    await t.fill(1, 5000, 1, t.auxiliary);
    const before = await t.read();
    const back = { back: true, threshold: 1000, batchRows: 40 };
    const { tables } = await t.migrate(back);
    expect(tables[0]).toMatchObject({
      groups: [{ group: '2', direction: 'to-main' }],
      failed: [{ group: '1', direction: 'to-main', details: { sqlstate: '23514' } }],
    });
    expect(await t.read()).toEqual(before);
    expect(await t.routed()).toEqual(['1']);
    await t.expectSettled(161);
    // The other direction is free, and so is the same once there is a partition.
    expect((await t.migrate({ batchRows: 40 })).tables[0]).toMatchObject({
      groups: [],
      failed: [],
    });
    await t.database.query(`create table ${t.name}_rest partition of ${t.main} default`);
    await t.migrate(back);
    expect(await t.read()).toEqual(before);
    expect(await t.routed()).toEqual([]);
    await t.expectSettled(161);
  });

  test('a unique constraint beside the key: it is named, with what to do (G8)', async () => {
    const t = await makeTable(`${COLUMNS}, unique (v)`);
    await t.setUp();
    await t.fill(1, 1, 100);
    await t.fill(2, 1001, 100);
    await t.database.query(
      `insert into ${t.routing} values ('9', '${t.name}_relyt_massive_group')`,
    );
    await t.fill(9, 5001, 1, t.auxiliary);
    await t.database.query(`update ${t.auxiliary} set v = 'v77'`);
    for (const batchRows of [1000, 20]) {
      const { tables } = await t.migrate({ batchRows });
      expect(tables[0]?.failed).toMatchObject([
        {
          group: '1',
          code: 'MIGRATION_REFUSED',
          message: expect.stringMatching(/group 1 of .* unique constraint ".*_v_key" .*v77/),
          hint: expect.stringContaining('holds for each table on its own'),
          details: { sqlstate: '23505', constraint: `${t.name}_relyt_massive_group_v_key` },
        },
      ]);
      expect(await t.counts(t.main)).toEqual({ 1: 100 });
    }
    await t.expectSettled(201);
  });

  test('a trigger that raises: its own words, and what else there is moves', async () => {
    const t = await makeTable();
    await t.setUp({ view: true });
    await t.fill(1, 1, 130);
    await t.fill(2, 1001, 120);
    await t.database.query(`create function raise_${t.name}() returns trigger language plpgsql as
      'begin if new.id = 100 then raise ''not this one'' using errcode = ''MY001''; end if; return new; end'`);
    await t.database.query(`create trigger raises before insert on ${t.auxiliary}
      for each row execute function raise_${t.name}()`);
    for (const batchRows of [1000, 40]) {
      const { tables } = await t.migrate({ batchRows });
      expect(tables[0]?.failed).toMatchObject([
        { group: '1', code: 'DATABASE_ERROR', message: expect.stringContaining('not this one') },
      ]);
    }
    expect(await t.routed()).toEqual(['2']);
    await t.expectSettled(250);
  });

  test('groups that fail do not use up maxGroups', async () => {
    const t = await makeTable();
    await t.setUp();
    for (const [n, rows] of [130, 120, 110].entries()) await t.fill(n, n * 1000 + 1, rows);
    await refuse(t, 5);
    const { tables } = await t.migrate({ maxGroups: 1 });
    expect(tables[0]).toMatchObject({
      groups: [{ group: '1' }],
      failed: [{ group: '0' }],
      remaining: 1,
    });
  });

  describe('the undoing ends half-way', () => {
    const prepared = async () => {
      const t = await makeTable();
      await t.setUp({ view: true });
      await t.fill(1, 1, 130);
      await refuse(t, 120);
      const disarm = armFailpoint('move-undo-batch', async () => {
        throw new Error('the end of it');
      });
      onTestFinished(disarm);
      const before = await t.read();
      expect((await failureOf(t.migrate({ batchRows: 20 }))).message).toContain('the end of it');
      disarm();
      expect(await t.counts(t.auxiliary)).toEqual({ 1: 80 });
      expect(await t.moves()).toMatchObject([{ phase: 'COPY', rows_copied: 0 }]);
      expect(await t.read()).toEqual(before);
      return { t, before };
    };

    test('the next migration ends it, whatever its direction', async () => {
      const { t, before } = await prepared();
      const { tables } = await t.migrate({ batchRows: 20, back: true, threshold: 1 });
      expect(tables[0]?.failed).toMatchObject([{ group: '1', direction: 'to-auxiliary' }]);
      expect(await t.counts(t.auxiliary)).toEqual({});
      expect(await t.read()).toEqual(before);
      await t.expectSettled(130);
    });

    test('what imports copy while it is under way is taken back, too (G1)', async () => {
      const t = await makeTable();
      await t.setUp({ view: true });
      await t.fill(1, 1, 130);
      await refuse(t, 120);
      let batches = 0;
      const disarm = armFailpoint('move-undo-batch', async () => {
        if (++batches !== 2) return;
        // An import writes a group in phase COPY to both tables: here where the undoing has been already.
        await t.database.query(`with written as (
            update ${t.main} set v = 'imported' where id = 3 returning *
          ) insert into ${t.auxiliary} table written`);
      });
      onTestFinished(disarm);
      const { tables } = await t.migrate({ batchRows: 20 });
      expect(batches).toBeGreaterThan(2);
      expect(tables[0]?.failed).toHaveLength(1);
      expect(await t.read('id = 3')).toMatchObject([{ v: 'imported' }]);
      expect(await t.counts(t.auxiliary)).toEqual({});
      await t.expectSettled(130);
    });

    test('the next migration moves the group if nothing stands in its way any more', async () => {
      const { t, before } = await prepared();
      await allow(t, 120);
      await t.database.query(`update ${t.main} set v = 'newer' where id = 15`);
      const { tables } = await t.migrate({ batchRows: 20 });
      expect(tables[0]).toMatchObject({ failed: [], groups: [{ rows: 130, resumed: true }] });
      expect(await t.read('id <> 15')).toEqual(before.filter(({ id }) => Number(id) !== 15));
      // It was copied anew: its old copy was the first to be taken back.
      expect(await t.read('id = 15')).toMatchObject([{ v: 'newer' }]);
      await t.expectSettled(130);
    });
  });

  test('copies that cannot be taken back are said to be there, and the next migration takes them back', async () => {
    const t = await makeTable();
    await t.setUp();
    await t.fill(1, 1, 130);
    await refuse(t, 120);
    await t.database.query(`create function keep_${t.name}() returns trigger language plpgsql as
      'begin if old.id = 11 then return null; end if; return old; end'`);
    await t.database.query(`create trigger keep before delete on ${t.auxiliary}
      for each row execute function keep_${t.name}()`);
    const failed = async () => (await t.migrate({ batchRows: 20 })).tables[0]?.failed[0];
    expect(await failed()).toMatchObject({
      group: '1',
      message: expect.stringMatching(
        /no_120.* Its copies in public\..*massive_group could not be deleted/,
      ),
      hint: expect.stringContaining('triggers or rules'),
    });
    await t.database.query(`drop function keep_${t.name}() cascade`);
    expect((await failed())?.message).not.toContain('copies');
    await t.expectSettled(130);
  });
});
