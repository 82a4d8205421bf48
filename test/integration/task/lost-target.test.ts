// G1 when the rows of a task are gone with their table: it was dropped and made again, renamed, or emptied. The loader
// notices, and a resume imports again what is lost, exactly once.

import { describe, expect, test } from 'vitest';
import { BulkProcessor } from '../../../src/bulk-processor.ts';
import type { EngineName } from '../../../src/engines/profiles.ts';
import { deleteKeys } from '../../support/bucket.ts';
import { failureOf, type LoadOptions, type TestTarget, targetsOn } from '../../support/loading.ts';
import { defaultServer } from '../../support/stack.ts';
import { keysOf } from '../operations/interrupted-tasks.ts';

const makeTarget = targetsOn(defaultServer());

const records = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, n) => ({ id: from + n + 1, v: `v${from + n + 1}` }));

const KEYED = 'id int primary key, v text';
const PLAIN = 'id int, v text';

async function insertAll(processor: BulkProcessor, from: number, to: number): Promise<void> {
  for (let first = from; first < to; first += 10)
    await processor.insert(records(first, first + 10), { position: first + 10 });
}

/** A load with 30 records in the table. */
async function loaded(target: TestTarget, options: LoadOptions): Promise<BulkProcessor> {
  const processor = await target.open(options);
  await insertAll(processor, 0, 30);
  await processor.flush();
  return processor;
}

async function makeAgain(target: TestTarget, columns: string): Promise<void> {
  await target.database.query(`drop table ${target.sql}`);
  await target.database.query(`create table ${target.sql} (${columns})`);
}

async function finish(target: TestTarget, processId: string, options: LoadOptions): Promise<void> {
  expect(await target.checkpoint(processId)).toMatchObject({ status: 'FAILED' });
  await using resumed = await BulkProcessor.resume(processId, target.config(options));
  await insertAll(resumed, Number(resumed.position), 60);
  await resumed.shutdown();
  const sums = `select sum(num_records)::int as records, sum(rows_inserted)::int as inserted
    from relyt_sys.relyt_loader_import where process_id = $1`;
  expect(await target.database.query(sums, [processId])).toEqual([{ records: 60, inserted: 60 }]);
  expect(await target.checkpoint(processId)).toMatchObject({ status: 'COMPLETED' });
  expect(await keysOf(target, processId)).toEqual([]);
}

const ENGINES: readonly EngineName[] = ['postgres', 'copy'];
const WAYS = ENGINES.flatMap((engine) => [PLAIN, KEYED].map((columns) => ({ engine, columns })));

describe.each(WAYS)(
  'a target that is dropped and made again: $columns, engine $engine (G1)',
  (way) => {
    const { engine, columns } = way;
    const options = { engine, batchSize: 10, batchImportSize: 1 };

    test('during a load', async () => {
      const target = await makeTarget(columns);
      await using processor = await loaded(target, options);
      await makeAgain(target, columns);
      const failed = insertAll(processor, 30, 60).then(() => processor.flush());
      expect(await failureOf(failed)).toMatchObject({
        code: 'DATABASE_WENT_BACK',
        message: expect.stringContaining('dropped or renamed'),
      });
      await processor.abort();
      expect(await target.count()).toBe(0);
      await finish(target, processor.processId, options);
      expect(await target.rows('id, v', 'id')).toEqual(records(0, 60));
    });

    test('while the load is idle, with rows of another program', async () => {
      const target = await makeTarget(columns);
      await using processor = await loaded(target, options);
      await makeAgain(target, columns);
      await target.database.query(`insert into ${target.sql} values (0, 'theirs')`);
      expect(await failureOf(processor.shutdown())).toMatchObject({ code: 'DATABASE_WENT_BACK' });
      await finish(target, processor.processId, options);
      const theirs = { id: 0, v: 'theirs' };
      expect(await target.rows('id, v', 'id')).toEqual([theirs, ...records(0, 60)]);
    });
  },
);

test('G1, G8: without S3 there is no file to repair it from, and the resume says so', async () => {
  const target = await makeTarget(PLAIN);
  const options = { engine: 'direct', batchSize: 10 } as const;
  await using processor = await loaded(target, options);
  await makeAgain(target, PLAIN);
  const failed = insertAll(processor, 30, 60).then(() => processor.flush());
  expect(await failureOf(failed)).toMatchObject({ code: 'DATABASE_WENT_BACK' });
  await processor.abort();
  const resumed = BulkProcessor.resume(processor.processId, target.config(options));
  expect(await failureOf(resumed)).toMatchObject({
    code: 'STAGED_FILE_LOST',
    message: expect.stringMatching(/3 imported files .* engine 'direct', .* keeps no files/),
    hint: expect.stringMatching(/relyt abort .* --anew/),
  });
  expect(await target.count()).toBe(0);
});

describe('a target whose rows are gone (G1)', () => {
  const options = { batchSize: 10, batchImportSize: 1 };

  test('is noticed by a flush', async () => {
    const target = await makeTarget(PLAIN);
    await using processor = await loaded(target, options);
    await makeAgain(target, PLAIN);
    expect(await failureOf(processor.flush())).toMatchObject({ code: 'DATABASE_WENT_BACK' });
    expect(await failureOf(processor.insert([]))).toMatchObject({ code: 'DATABASE_WENT_BACK' });
  });

  test('G2: rejected records of lost imports are rejected again, and counted once', async () => {
    const target = await makeTarget('id int, v text check (v <> $$v5$$)');
    const tolerant = { ...options, maxErrorRecords: 5 };
    await using processor = await loaded(target, tolerant);
    await makeAgain(target, 'id int, v text check (v <> $$v5$$)');
    expect(await failureOf(processor.shutdown())).toMatchObject({ code: 'DATABASE_WENT_BACK' });
    const config = target.config(tolerant);
    await using resumed = await BulkProcessor.resume(processor.processId, config);
    await resumed.shutdown();
    expect(await target.count()).toBe(29);
    expect(await target.checkpoint(processor.processId)).toMatchObject({
      status: 'COMPLETED',
      error_records: 1,
    });
  });

  test('is not what rows of an older version say: they name no table, and no number of files', async () => {
    const target = await makeTarget(PLAIN);
    const first = await loaded(target, options);
    await first.suspend('for this test');
    const { processId } = first;
    await target.database.query(
      `update relyt_sys.relyt_loader_task set frozen_files = null where process_id = $1`,
      [processId],
    );
    await target.database.query(
      `update relyt_sys.relyt_loader_import set target_oid = null where process_id = $1`,
      [processId],
    );
    await finish(target, processId, options);
    expect(await target.rows('id, v', 'id')).toEqual(records(0, 60));
  });

  test('G8: without its staged files the position is named from which to load again', async () => {
    const target = await makeTarget(PLAIN);
    await using processor = await loaded(target, options);
    await makeAgain(target, PLAIN);
    await failureOf(processor.shutdown());
    const [, key = ''] = await keysOf(target, processor.processId);
    await deleteKeys(key);
    const resumed = BulkProcessor.resume(processor.processId, target.config(options));
    expect(await failureOf(resumed)).toMatchObject({
      code: 'STAGED_FILE_LOST',
      message: expect.stringContaining('from the position 10, for record 11'),
      hint: expect.stringMatching(/relyt abort .* --anew/),
    });
    expect(await target.count()).toBe(0);
  });
});
