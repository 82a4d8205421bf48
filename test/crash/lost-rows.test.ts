// G1 when a server loses rows that were committed: an unlogged table that a crash empties, and a data directory that is
// restored from an older copy. The loader notices, and a resume repairs the task.

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { abortTask } from '../../src/administration.ts';
import { BulkProcessor } from '../../src/bulk-processor.ts';
import { holdEpoch } from '../../src/database/statements/task.ts';
import type { EngineName } from '../../src/engines/profiles.ts';
import { failureOf, type LoadOptions, s3Config, type TestTarget } from '../support/loading.ts';
import { OwnServers } from './own-servers.ts';

let servers: OwnServers;
beforeAll(async () => {
  servers = await OwnServers.start();
});
afterAll(() => servers[Symbol.asyncDispose]());

const ENGINES: readonly EngineName[] = ['postgres', 'copy'];

const records = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, n) => ({ id: from + n + 1, v: `v${from + n + 1}` }));

function optionsFor(engine: EngineName): LoadOptions {
  const s3 = s3Config(servers.s3);
  return { engine, s3, batchSize: 10, batchImportSize: 1, leaseSeconds: 5 };
}

async function insertAll(processor: BulkProcessor, from: number, to: number): Promise<void> {
  for (let first = from; first < to; first += 10)
    await processor.insert(records(first, first + 10), { position: first + 10 });
}

/** Goes on as an application would: from the stored position. Every record is there once, and the counts add up. */
async function expectRepaired(target: TestTarget, processId: string, options: LoadOptions) {
  expect(await target.checkpoint(processId)).toMatchObject({
    status: 'FAILED',
    error_message: expect.stringContaining('is not there any more'),
  });
  await using resumed = await BulkProcessor.resume(processId, target.config(options));
  await insertAll(resumed, Number(resumed.position), 60);
  await resumed.shutdown();
  expect(await target.rows('id, v', 'id')).toEqual(records(0, 60));
  const sums = `select sum(num_records)::int as records, sum(rows_inserted)::int as inserted
    from relyt_sys.relyt_loader_import where process_id = $1`;
  expect(await target.database.query(sums, [processId])).toEqual([{ records: 60, inserted: 60 }]);
}

const PARTITIONS = `create unlogged table public.low partition of TABLE for values from (0) to (1000)`;

describe.each(ENGINES)('an unlogged table that a crash empties, engine %s (G1)', (engine) => {
  async function unlogged(columns = 'id int, v text'): Promise<TestTarget> {
    const target = await servers.makeTarget(columns);
    await target.database.query(`alter table ${target.sql} set unlogged`);
    return target;
  }

  test('during a load', async () => {
    const options = optionsFor(engine);
    const target = await unlogged();
    await using processor = await target.open(options);
    await insertAll(processor, 0, 30);
    await processor.flush();
    await servers.crashDatabase();
    await servers.restartDatabase();
    expect(await target.count()).toBe(0);
    const failed = insertAll(processor, 30, 60).then(() => processor.flush());
    expect(await failureOf(failed)).toMatchObject({
      code: 'DATABASE_WENT_BACK',
      message: expect.stringContaining('unlogged'),
    });
    await processor.abort();
    await expectRepaired(target, processor.processId, options);
  });

  test('while the load is idle, a partition only', async () => {
    const options = optionsFor(engine);
    const target = await servers.makeTarget('id int, v text');
    await target.database.query(`drop table ${target.sql}`);
    await target.database.query(
      `create table ${target.sql} (id int, v text) partition by range (id)`,
    );
    await target.database.query(PARTITIONS.replace('TABLE', target.sql));
    await using processor = await target.open(options);
    await insertAll(processor, 0, 30);
    await processor.flush();
    await servers.crashDatabase();
    await servers.restartDatabase();
    expect(await failureOf(processor.shutdown())).toMatchObject({ code: 'DATABASE_WENT_BACK' });
    await expectRepaired(target, processor.processId, options);
    await target.database.query(`drop table ${target.sql}`);
  });
});

describe("an unlogged table that a crash empties, engine 'direct', which keeps no files (G1)", () => {
  const options = { engine: 'direct', batchSize: 10, leaseSeconds: 5 } as const;

  async function crashed(columns: string): Promise<{ target: TestTarget; loaded: BulkProcessor }> {
    const target = await servers.makeTarget(columns);
    await target.database.query(`alter table ${target.sql} set unlogged`);
    const loaded = await target.open(options);
    await insertAll(loaded, 0, 30);
    await loaded.flush();
    await servers.crashDatabase();
    await servers.restartDatabase();
    expect(await target.count()).toBe(0);
    return { target, loaded };
  }

  /** As the hint of the resume says: nothing of the task is left to go on with. */
  async function expectLoadedAnew(target: TestTarget, processId: string): Promise<void> {
    expect(await target.checkpoint(processId)).toMatchObject({ status: 'FAILED' });
    const resumed = BulkProcessor.resume(processId, target.config(options));
    expect(await failureOf(resumed)).toMatchObject({
      code: 'STAGED_FILE_LOST',
      hint: expect.stringMatching(/relyt abort .* --anew/),
    });
    expect(await target.count()).toBe(0);
    const { url: connectionString } = target.database;
    await abortTask({ postgresql: { connectionString } }, processId);
    await target.load(records(0, 60), options);
    expect(await target.rows('id, v', 'id')).toEqual(records(0, 60));
  }

  test.each(['id int, v text', 'id int primary key, v text'])(
    'during a load: %s',
    async (columns) => {
      const { target, loaded } = await crashed(columns);
      const failed = insertAll(loaded, 30, 60).then(() => loaded.flush());
      expect(await failureOf(failed)).toMatchObject({
        code: 'DATABASE_WENT_BACK',
        message: expect.stringContaining('unlogged'),
      });
      await loaded.abort();
      await expectLoadedAnew(target, loaded.processId);
    },
  );

  test('while the load is idle', async () => {
    const { target, loaded } = await crashed('id int, v text');
    expect(await failureOf(loaded.shutdown())).toMatchObject({ code: 'DATABASE_WENT_BACK' });
    await expectLoadedAnew(target, loaded.processId);
  });
});

describe('a table of which a crash empties a part (G1)', () => {
  async function partlyUnlogged(key: string): Promise<TestTarget> {
    const target = await servers.makeTarget('id int');
    await target.database.query(`drop table ${target.sql};
      create table ${target.sql} (id int ${key}, v text) partition by range (id);
      create table ${target.table}_low partition of ${target.sql} for values from (0) to (15);
      create unlogged table ${target.table}_high partition of ${target.sql} for values from (15) to (1000)`);
    return target;
  }

  async function crashed(target: TestTarget): Promise<BulkProcessor> {
    const processor = await target.open(optionsFor('copy'));
    await insertAll(processor, 0, 30);
    await processor.flush();
    await servers.crashDatabase();
    await servers.restartDatabase();
    expect(await failureOf(processor.shutdown())).toMatchObject({ code: 'DATABASE_WENT_BACK' });
    return processor;
  }

  test('with a key the rows that are left are met again', async () => {
    const target = await partlyUnlogged('primary key');
    const { processId } = await crashed(target);
    await using resumed = await BulkProcessor.resume(processId, target.config(optionsFor('copy')));
    await resumed.shutdown();
    expect(await target.rows('id, v', 'id')).toEqual(records(0, 30));
  });

  test('G8: without one a resume says that nothing tells which rows are left, and doubles none', async () => {
    const target = await partlyUnlogged('');
    const { processId } = await crashed(target);
    const resumed = BulkProcessor.resume(processId, target.config(optionsFor('copy')));
    expect(await failureOf(resumed)).toMatchObject({
      code: 'DATABASE_WENT_BACK',
      hint: expect.stringMatching(/Delete the rows of this task, abort it/),
    });
    expect(await target.count()).toBe(14);
  });
});

test('an unlogged table through an orderly restart is none that lost its rows', async () => {
  const target = await servers.makeTarget('id int, v text');
  await target.database.query(`alter table ${target.sql} set unlogged`);
  await using processor = await target.open(optionsFor('copy'));
  await insertAll(processor, 0, 30);
  await processor.flush();
  await servers.saveDatabase();
  await insertAll(processor, 30, 60);
  await processor.shutdown();
  expect(await target.rows('id, v', 'id')).toEqual(records(0, 60));
});

const ALL_ENGINES: readonly EngineName[] = [...ENGINES, 'direct'];

describe.each(ALL_ENGINES)(
  'a data directory that is restored from an older copy, engine %s (G1)',
  (engine) => {
    test('fails the load that went on, and a resume repairs it', async () => {
      const options = optionsFor(engine);
      const target = await servers.makeTarget('id int, v text');
      await using processor = await target.open(options);
      await insertAll(processor, 0, 20);
      await processor.flush();
      await servers.saveDatabase();
      await insertAll(processor, 20, 40);
      await processor.flush();
      await servers.restoreDatabase();
      expect(await target.count()).toBe(20);
      expect(await failureOf(processor.shutdown())).toMatchObject({ code: 'DATABASE_WENT_BACK' });
      await expectRepaired(target, processor.processId, options);
    });

    test('G6: of two processes that had the same epoch, the one that slept can do nothing', async () => {
      const options = optionsFor(engine);
      const target = await servers.makeTarget('id int, v text');
      const first = await target.open(options);
      await insertAll(first, 0, 20);
      await first.suspend('for this test');
      const { processId } = first;
      await servers.saveDatabase();
      await using sleeper = await BulkProcessor.resume(processId, target.config(options));
      await sleeper.insert(records(20, 25));
      await servers.restoreDatabase();
      await using second = await BulkProcessor.resume(processId, target.config(options));
      await insertAll(second, 20, 40);
      await second.flush();
      const epochs =
        'select distinct epoch::int from relyt_sys.relyt_loader_task where process_id = $1';
      expect(await target.database.query(epochs, [processId])).toEqual([{ epoch: 2 }]);
      // Its heartbeat may have met the database before the other process came.
      expect(await failureOf(sleeper.flush())).toMatchObject({
        code: expect.stringMatching(/^(LEASE_LOST|DATABASE_WENT_BACK)$/),
      });
      // By the epoch alone it would pass for the holder.
      const asleep = holdEpoch({ processId, epoch: 2, owner: 'host:1#00000000' });
      expect(await target.database.query(asleep.text, asleep.values)).toEqual([]);
      await sleeper.abort();
      await insertAll(second, 40, 60);
      await second.shutdown();
      expect(await target.rows('id, v', 'id')).toEqual(records(0, 60));
    });
  },
);
