// G2: an import commits only when it accounts for every record of its files.

import { GetObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { describe, expect, test } from 'vitest';
import { testS3Client } from '../../support/bucket.ts';
import { generate, type TestTarget, targetsOn } from '../../support/loading.ts';
import { newestServers, testStack } from '../../support/stack.ts';

const record = (n: number) => ({ id: n, v: `value ${n}` });

/** Cuts the last line off a staged file, behind the loader's back. */
async function shorten(key: string): Promise<void> {
  const { bucket: Bucket } = testStack().s3;
  const client = testS3Client();
  try {
    const { Body } = await client.send(new GetObjectCommand({ Bucket, Key: key }));
    const text = (await Body?.transformToString()) ?? '';
    const lines = text.trimEnd().split('\n');
    const shorter = `${lines.slice(0, -1).join('\n')}\n`;
    await client.send(new PutObjectCommand({ Bucket, Key: key, Body: shorter }));
  } finally {
    client.destroy();
  }
}

/** A trigger that swallows every third row. */
async function swallowRows(target: TestTarget): Promise<void> {
  await target.database.query(`create or replace function swallow() returns trigger language plpgsql as $$
    begin if new.id % 3 = 0 then return null; end if; return new; end $$`);
  await target.database.query(
    `create trigger swallow before insert on ${target.sql} for each row execute function swallow()`,
  );
}

async function expectRolledBack(
  target: TestTarget,
  processId: string,
  reason = 'accounts for',
): Promise<void> {
  expect(await target.count()).toBe(0);
  const files = await target.files(processId);
  expect(files.map((file) => file.status)).toEqual(['ERROR']);
  expect(files[0]?.error).toContain(reason);
  expect(await target.imports(processId)).toEqual([]);
  expect(await target.checkpoint(processId)).toMatchObject({
    status: 'FAILED',
    files_total: 1,
    files_imported: 0,
    error_message: expect.stringContaining(reason),
  });
}

describe.each(newestServers())('accounting for every record (G2) on $name', (server) => {
  const makeTarget = targetsOn(server);

  test('a staged file that became shorter is not imported', async () => {
    const target = await makeTarget('id int, v text');
    await using processor = await target.open();
    const lock = await target.lock();
    try {
      await processor.insert(generate(10, record));
      const flushed = expect(processor.flush()).rejects.toMatchObject({
        code: 'STAGED_FILE_CHANGED',
        message: expect.stringMatching(/file-000001.* has \d+ bytes instead of \d+/),
        details: { processId: processor.processId, fileId: '1', table: `public.${target.table}` },
      });
      await target.untilImportWaits();
      const [file] = await target.files(processor.processId);
      await shorten(file?.s3_key ?? '');
      await lock.release();
      await flushed;
    } finally {
      await lock.release();
    }
    await expect(processor.shutdown()).rejects.toMatchObject({ code: 'STAGED_FILE_CHANGED' });
    await expectRolledBack(target, processor.processId, 'not the file that was staged');
  });

  test.each([
    ['without a key', 'id int, v text', 'update'],
    ['with a key and update', 'id int primary key, v text', 'update'],
  ] as const)(
    'rows that a trigger swallows roll the import back, %s',
    async (_, columns, onConflict) => {
      const target = await makeTarget(columns);
      await swallowRows(target);
      await using processor = await target.open({ onConflict });
      await processor.insert(generate(9, record));
      await expect(processor.shutdown()).rejects.toMatchObject({
        code: 'COUNT_MISMATCH',
        hint: expect.stringContaining('trigger'),
      });
      await expectRolledBack(target, processor.processId);
    },
  );

  test('rows that an isolation tried to update and took back are counted once', async () => {
    const target = await makeTarget('id int primary key, v text, n int check (n <> 13)');
    const records = (count: number) => [...generate(count, (n) => ({ ...record(n), n: 0 }))];
    await target.load(records(60));
    const changed = [...records(100), { id: 100, v: 'refused', n: 13 }];
    const processId = await target.load(changed, { maxErrorRecords: 1 });
    expect(await target.imports(processId)).toEqual([
      {
        num_records: 101,
        rows_inserted: 40,
        rows_updated: 60,
        rows_skipped: 0,
        rows_superseded: 0,
      },
    ]);
  });

  test('the counts of each import add up: inserted, updated, superseded', async () => {
    const target = await makeTarget('id int primary key, v text');
    await using processor = await target.open({ onConflict: 'update' });
    const counts = async (ids: readonly number[]) => {
      await processor.insert(ids.map((id) => record(id)));
      await processor.flush();
      return (await target.imports(processor.processId)).at(-1);
    };
    const nothing = { rows_inserted: 0, rows_updated: 0, rows_skipped: 0, rows_superseded: 0 };
    expect(await counts([1, 2, 3])).toEqual({ ...nothing, num_records: 3, rows_inserted: 3 });
    expect(await counts([2, 3])).toEqual({ ...nothing, num_records: 2, rows_updated: 2 });
    // The same backend within a second: its statistics still hold the updates of the import before.
    expect(await counts([4, 5])).toEqual({ ...nothing, num_records: 2, rows_inserted: 2 });
    expect(await counts([5, 6, 6, 6, 5])).toEqual({
      ...nothing,
      num_records: 5,
      rows_inserted: 1,
      rows_updated: 1,
      rows_superseded: 3,
    });
    expect(processor.progress().rows).toEqual({
      inserted: 6,
      updated: 3,
      skipped: 0,
      superseded: 3,
      rejected: 0,
    });
    await processor.shutdown();
  });

  test("the counts of each import add up with 'nothing': inserted, skipped, superseded", async () => {
    const target = await makeTarget('id int primary key, v text');
    await target.database.query(`insert into ${target.sql} values (1, 'before')`);
    const ids = [1, 2, 2, 3, 1, 1];
    const processId = await target.load(ids.map(record), { onConflict: 'nothing' });
    expect(await target.imports(processId)).toEqual([
      { num_records: 6, rows_inserted: 2, rows_updated: 0, rows_skipped: 1, rows_superseded: 3 },
    ]);
    expect(await target.rows()).toEqual([{ id: 1, v: 'before' }, record(2), record(3)]);
  });

  test('updates of a partitioned table are counted as updates', async () => {
    const target = await makeTarget('id int primary key, v text', {
      suffix: 'partition by range (id)',
    });
    for (const [from, to] of [
      [0, 100],
      [100, 200],
    ]) {
      await target.database.query(
        `create table ${target.table}_${from} partition of ${target.sql} for values from (${from}) to (${to})`,
      );
    }
    await target.load([record(1), record(150)]);
    const processId = await target.load([1, 2, 150, 151, 152].map((id) => ({ id, v: 'new' })));
    expect(await target.imports(processId)).toEqual([
      { num_records: 5, rows_inserted: 3, rows_updated: 2, rows_skipped: 0, rows_superseded: 0 },
    ]);
    expect(await target.rows('distinct v')).toEqual([{ v: 'new' }]);
  });
});
