// G1, G2 and G3 whatever the layout of staged files: CSV, tuples, and tuples of which a column turns to text on the way.

import { PutObjectCommand } from '@aws-sdk/client-s3';
import { describe, expect, test } from 'vitest';
import { showTask } from '../../../src/administration.ts';
import { BulkProcessor } from '../../../src/bulk-processor.ts';
import type { EngineName } from '../../../src/engines/profiles.ts';
import type { ResumeOptions } from '../../../src/task/claim-task.ts';
import { testS3Client } from '../../support/bucket.ts';
import { failureOf, targetsOn } from '../../support/loading.ts';
import { defaultServer, testStack } from '../../support/stack.ts';
import { accessTo } from '../cli/relyt-on.ts';
import { keysOf, standStillAt } from '../operations/interrupted-tasks.ts';

const makeTarget = targetsOn(defaultServer());
const ENGINES: readonly EngineName[] = ['postgres', 'copy'];
const COLUMNS = 'id int primary key, at date, v text check (v <> $$bad$$)';

const record = (id: number, v: string = `v${id}`, at = '2026-01-02') => ({ id, at, v });
/** A date that only the database can read. */
const inWords = (id: number, v?: string) => record(id, v, '2 January 2026');

describe.each(ENGINES)('the engine %s', (engine) => {
  test('G2: CSV, as the setting asks for it, with a record that the database refuses', async () => {
    const target = await makeTarget(COLUMNS);
    await using processor = await target.open({
      engine,
      layout: 'csv',
      cleanup: 'never',
      maxErrorRecords: 1,
    });
    await processor.insert([record(1), record(2, 'bad'), inWords(3)]);
    await processor.shutdown();
    expect(await target.rows('id, at::text, v')).toEqual([record(1), record(3)]);
    expect(await keysOf(target, processor.processId)).toEqual([expect.stringMatching(/\.csv$/)]);
    const { task } = await showTask(accessTo(target), processor.processId);
    expect(task).toMatchObject({
      layouts: [{ format: 'csv', textColumns: [] }],
      rows: { inserted: 2, rejected: 1 },
    });
  });

  test('G2: CSV that was replaced is refused', async () => {
    const target = await makeTarget(COLUMNS);
    const hold = standStillAt('frozen');
    await using processor = await target.open({ engine, layout: 'csv' });
    await processor.insert([record(1)]);
    const ended = failureOf(processor.shutdown());
    await hold.reached;
    const [key = ''] = await keysOf(target, processor.processId);
    const { bucket: Bucket } = testStack().s3;
    const Body = '1,7,2026-01-02,other\n';
    await testS3Client().send(new PutObjectCommand({ Bucket, Key: key, Body }));
    hold.release();
    expect(await ended).toMatchObject({ code: 'STAGED_FILE_CHANGED' });
    expect(await target.count()).toBe(0);
  });

  test('G3: a value that only the database can read changes the layout, and the order stays', async () => {
    const target = await makeTarget(COLUMNS);
    await using processor = await target.open({ engine, concurrency: 3, cleanup: 'never' });
    const ids = Array.from({ length: 50 }, (_, n) => n);
    await processor.insert(ids.map((id) => record(id, 'first')));
    await processor.insert(ids.map((id) => inWords(id, 'second')));
    await processor.insert(ids.map((id) => record(id, 'last')));
    await processor.shutdown();
    expect(await target.rows('count(*)::int as n, min(v) as least, max(v) as most')).toEqual([
      { n: 50, least: 'last', most: 'last' },
    ]);
    expect((await showTask(accessTo(target), processor.processId)).task?.layouts).toEqual([
      { format: 'binary', textColumns: [] },
      { format: 'binary', textColumns: ['at'] },
    ]);
  });

  test('G1: a resume imports what is staged in two layouts, and goes on in the first', async () => {
    const target = await makeTarget(COLUMNS);
    const { database, sql } = target;
    const options = { engine, concurrency: 1 };
    await using processor = await target.open(options);
    await database.query(`alter table ${sql} add constraint poison check (id <> 1)`);
    await processor.insert([record(1), record(2)], { position: 2 });
    await processor.insert([inWords(3)], { position: 3 });
    expect(await failureOf(processor.shutdown())).toMatchObject({ code: 'IMPORT_REFUSED' });
    expect(await target.count()).toBe(0);
    await database.query(`alter table ${sql} drop constraint poison`);
    const { processId } = processor;
    await using resumed = await BulkProcessor.resume(processId, target.config(options));
    expect(resumed.position).toBe(3);
    await resumed.insert([record(4)]);
    await resumed.shutdown();
    expect(await target.rows('id, at::text, v')).toEqual([1, 2, 3, 4].map((id) => record(id)));
    expect((await showTask(accessTo(target), processId)).task?.layouts).toHaveLength(2);
  });

  test('G8: files that were staged for other columns are not read as these', async () => {
    const target = await makeTarget('id int, a text, b text');
    const { database, sql } = target;
    await using processor = await target.open({ engine, columns: ['id', 'a'], cleanup: 'never' });
    await processor.insert([{ id: 1, a: 'x' }], { position: 1 });
    await processor.flush();
    await processor.suspend('the columns change');
    const { processId } = processor;
    const changed = target.config({ engine, columns: ['id', 'b'], cleanup: 'never' });
    const allowed: ResumeOptions = { allowChanges: ['columns'] };
    await using resumed = await BulkProcessor.resume(processId, changed, allowed);
    await resumed.insert([{ id: 2, b: 'y' }], { position: 2 });
    await resumed.flush();
    expect((await showTask(accessTo(target), processId)).task?.layouts).toHaveLength(2);
    // What was imported is gone: the first file would have to be imported again.
    await database.query(`drop table ${sql}`);
    await database.query(`create table ${sql} (id int, a text, b text)`);
    await failureOf(resumed.shutdown());
    expect(await failureOf(BulkProcessor.resume(processId, changed, allowed))).toMatchObject({
      code: 'RESUME_REFUSED',
      message: expect.stringContaining('was staged for other columns'),
    });
    expect(await target.count()).toBe(0);
  });
});
