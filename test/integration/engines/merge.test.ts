// An update by MERGE does what one by ON CONFLICT does (G2, G3, G4), where it is not the same it is not used, and what
// it is refused with is no bad record (G8).

import { describe, expect, test } from 'vitest';
import { createLoaderRole, type TestTarget, targetsOn } from '../../support/loading.ts';
import { testStack } from '../../support/stack.ts';
import { countsOf, newer, rows, WAY, waysOf, withWays } from './merge-fixture.ts';

const SERVERS = testStack().servers.map((server) => ({ name: server.name, server }));

describe.each(SERVERS)('updates by MERGE on $name', ({ server }) => {
  const makeTarget = withWays(targetsOn(server));

  test('G2: tell what was inserted and what was updated', async () => {
    const target = await makeTarget(`id bigint primary key, v text, ${WAY}`);
    const first = await target.load(rows(0, 100));
    const mixed = await target.load(newer(50, 150));
    const existing = await target.load(newer(0, 150));
    expect(await countsOf(target, first)).toEqual([{ inserted: 100, updated: 0, superseded: 0 }]);
    expect(await countsOf(target, mixed)).toEqual([{ inserted: 50, updated: 50, superseded: 0 }]);
    expect(await countsOf(target, existing)).toEqual([
      { inserted: 0, updated: 150, superseded: 0 },
    ]);
    expect(await target.rows('id::int, v')).toEqual(newer(0, 150));
    expect(await waysOf(target)).toEqual(['merge']);
  });

  test('are those of a task as long as its imports bring new rows', async () => {
    const target = await makeTarget(`id bigint primary key, v text, ${WAY}`);
    const each = { batchSize: 10, batchImportSize: 1, concurrency: 1 };
    await target.load(rows(0, 60), each);
    expect(await waysOf(target)).toEqual(['merge']);
    const processId = await target.load(newer(0, 60), each);
    expect(await countsOf(target, processId)).toEqual(
      Array(6).fill({ inserted: 0, updated: 10, superseded: 0 }),
    );
    expect(await target.rows('id::int, way')).toEqual(
      rows(0, 60).map(({ id }) => ({ id, way: id < 10 ? 'merge' : 'on conflict' })),
    );
  });

  describe('G3: the last one of a key wins', () => {
    test.each([
      ['that is new (23505)', 0],
      ['that is there (21000)', 5],
    ])('of those twice in an import, %s', async (_, there) => {
      const target = await makeTarget(`id bigint primary key, v text, ${WAY}`);
      await target.load(rows(0, there + 1).slice(0, there));
      const twice = [...rows(0, 10), ...newer(0, 5)];
      await using processor = await target.open({ batchSize: 1000 });
      await processor.insert(twice);
      await processor.flush();
      await processor.insert(rows(20, 30));
      await processor.shutdown();
      expect(processor.progress().rows).toMatchObject({
        inserted: 20 - there,
        updated: there,
        superseded: 5,
        rejected: 0,
      });
      expect(await target.rows('id::int, v')).toEqual([
        ...newer(0, 5),
        ...rows(5, 10),
        ...rows(20, 30),
      ]);
      // From then on keys are reduced first.
      expect(await waysOf(target)).toEqual(['on conflict']);
    });

    test('of those in several imports', async () => {
      const target = await makeTarget(`id bigint primary key, v text, ${WAY}`);
      const load = { batchSize: 10, batchImportSize: 1, concurrency: 4 };
      await target.load([...rows(0, 100), ...newer(0, 100)], load);
      expect(await target.rows('id::int, v')).toEqual(newer(0, 100));
      expect(await waysOf(target)).toContain('merge');
    });
  });

  test('G2: of a role without more rights than ON CONFLICT needs', async () => {
    const target = await makeTarget(`id int primary key, v text, ${WAY}, secret text`);
    const role = await createLoaderRole(target);
    await target.database.query(
      `grant select (id, v), update (v), insert on ${target.sql} to ${role.name}`,
    );
    const options = { url: role.url, columns: ['id', 'v'] };
    await target.load(rows(0, 3), options);
    await target.load(newer(0, 5), options);
    expect(await target.rows('id, v')).toEqual(newer(0, 5));
    expect(await waysOf(target)).toEqual(['merge']);
  });

  describe('G8: a bad record', () => {
    async function rejectedOf(target: TestTarget, records: readonly object[]) {
      await using processor = await target.open({ maxErrorRecords: 1 });
      await processor.insert(records);
      await processor.shutdown();
      const rejects = await target.database.query(
        `select record_ordinal::int as ordinal, code from relyt_sys.relyt_loader_reject where process_id = $1`,
        [processor.processId],
      );
      return { rows: processor.progress().rows, rejects };
    }

    test('of a check is isolated', async () => {
      const target = await makeTarget(`id int primary key, v text check (v <> 'value 7'), ${WAY}`);
      const { rows: counts, rejects } = await rejectedOf(target, rows(0, 20));
      expect(rejects).toEqual([{ ordinal: 8, code: '23514' }]);
      expect(counts).toMatchObject({ inserted: 19, rejected: 1 });
    });

    test('of another unique key is isolated, and named by 23505 as always', async () => {
      const target = await makeTarget(`id int primary key, v text unique, ${WAY}`);
      await target.load([{ id: 100, v: 'value 7' }]);
      const { rows: counts, rejects } = await rejectedOf(target, rows(0, 20));
      expect(rejects).toEqual([{ ordinal: 8, code: '23505' }]);
      expect(counts).toMatchObject({ inserted: 19, updated: 0, rejected: 1 });
    });
  });

  test('G3: a key that another session inserts meanwhile is updated', async () => {
    const target = await makeTarget(`id int primary key, v text, ${WAY}`);
    const other = await target.database.pool.connect();
    try {
      await other.query('begin');
      await other.query(`insert into ${target.sql} (id, v) values (3, 'of another session')`);
      const load = target.load(rows(0, 5));
      await target.untilImportWaits();
      await other.query('commit');
      const processId = await load;
      expect(await countsOf(target, processId)).toEqual([
        { inserted: 4, updated: 1, superseded: 0 },
      ]);
    } finally {
      other.release();
    }
    expect(await target.rows('id, v')).toEqual(rows(0, 5));
    expect(await waysOf(target)).toEqual(['on conflict']);
  });
});
