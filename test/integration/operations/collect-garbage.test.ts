// G7: after gc nothing is left in the bucket that no row accounts for, and nothing is gone that one needs.

import { randomUUID } from 'node:crypto';
import {
  CreateMultipartUploadCommand,
  HeadObjectCommand,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import { describe, expect, test } from 'vitest';
import { collectGarbage } from '../../../src/administration.ts';
import { BulkProcessor } from '../../../src/bulk-processor.ts';
import { deleteKeys, listKeys, listUploads, testS3Client } from '../../support/bucket.ts';
import { createTestDatabase } from '../../support/database.ts';
import { generate, TestTarget, targetsOn } from '../../support/loading.ts';
import { defaultServer, testStack } from '../../support/stack.ts';
import { accessTo, relytOn, said } from '../cli/relyt-on.ts';
import { failedTask, keysOf, loseSight, record } from './interrupted-tasks.ts';

const makeTarget = targetsOn(defaultServer());

/** A table and a prefix that no other test has anything below. */
async function ownPrefix(name: string): Promise<TestTarget> {
  const { database, schema, table, prefix } = await makeTarget('id int primary key, v text');
  return new TestTarget(database, { schema, table, prefix: `${prefix}/${name}` });
}

async function put(key: string, body = 'left\n'): Promise<string> {
  const client = testS3Client();
  await client.send(new PutObjectCommand({ Bucket: testStack().s3.bucket, Key: key, Body: body }));
  client.destroy();
  return key;
}

async function sizeOf(key: string): Promise<number> {
  const client = testS3Client();
  const head = await client.send(
    new HeadObjectCommand({ Bucket: testStack().s3.bucket, Key: key }),
  );
  client.destroy();
  return head.ContentLength ?? 0;
}

async function beginUpload(key: string): Promise<void> {
  const client = testS3Client();
  await client.send(new CreateMultipartUploadCommand({ Bucket: testStack().s3.bucket, Key: key }));
  client.destroy();
}

const stagedName = (target: TestTarget, processId: string, file = 'file-000077-e1.csv') =>
  `${target.prefix}/2026-01-01/${processId}/${file}`;

describe('gc', () => {
  test('G7: deletes what tasks that ended have left, keeps what a resume needs', async () => {
    const target = await ownPrefix('mixed');
    const done = await target.load(generate(5, record));
    const kept = await target.load(generate(5, record), { cleanup: 'never' });
    const failed = await failedTask(target);
    const orphan = await put(stagedName(target, done));
    await beginUpload(stagedName(target, done, 'file-000078-e1.csv'));
    const needed = [
      ...(await keysOf(target, kept)),
      ...(await keysOf(target, failed.processId)),
    ].sort();
    expect(needed).toHaveLength(4);

    const dry = await relytOn(target, 'gc', '--dry-run', '--json');
    expect(await listKeys(`${target.prefix}/`)).toEqual([...needed, orphan].sort());
    const result = await relytOn(target, 'gc', '--json');

    const expected = {
      ok: true,
      objects: 1,
      bytes: 5,
      uploads: 1,
      tasks: [{ processId: done, status: 'COMPLETED', objects: 1, bytes: 5, uploads: 1 }],
      lost: [],
      externalTables: [],
    };
    expect(said(dry)).toMatchObject({ ...expected, dryRun: true });
    expect(said(result)).toMatchObject({ ...expected, dryRun: false });
    expect(await listKeys(`${target.prefix}/`)).toEqual(needed);
    expect(await listUploads(`${target.prefix}/`)).toEqual([]);
    expect(said(await relytOn(target, 'gc', '--json'))).toMatchObject({ objects: 0, uploads: 0 });
  });

  test('G1: a failed task is resumed after gc as if nothing had been', async () => {
    const target = await ownPrefix('resumed');
    const { processId } = await failedTask(target);

    await collectGarbage(accessTo(target), { olderThanSeconds: 0, includeUnknown: true });

    await target.database.query(`alter table ${target.sql} drop constraint poison`);
    const resumed = await BulkProcessor.resume(processId, target.config());
    expect(resumed.position).toBe(30);
    await resumed.shutdown();
    expect(await target.count()).toBe(30);
    expect(await listKeys(`${target.prefix}/`)).toEqual([]);
  });

  test('deletes what belongs to no known task only when it is old', async () => {
    const target = await ownPrefix('unknown');
    await target.load(generate(1, record));
    const unknown = randomUUID();
    await put(stagedName(target, unknown));
    await beginUpload(stagedName(target, unknown, 'file-000002-e1.csv'));

    expect(await collectGarbage(accessTo(target))).toMatchObject({ objects: 0, uploads: 0 });
    const result = await relytOn(target, 'gc', '--unknown', '--older-than', '0');

    expect(result.stdout).toContain(`${unknown} (UNKNOWN): 1 object (5 bytes), 1 upload`);
    expect(await listKeys(`${target.prefix}/`)).toEqual([]);
    expect(await listUploads(`${target.prefix}/`)).toEqual([]);
  });

  test('never touches neighbours, other keys below the prefix, and tasks of another SDK', async () => {
    const target = await ownPrefix('pre');
    await target.load(generate(1, record));
    const foreign = randomUUID();
    await target.database.query(
      `insert into relyt_sys.relyt_loader_checkpoint (process_id, pg_table, status, start_time)
       values ($1, 'public.t', 'COMPLETED', now())`,
      [foreign],
    );
    const id = randomUUID();
    const keys = [
      await put(stagedName(target, foreign)),
      await put(`${target.prefix}2/2026-01-01/${id}/file-000001-e1.csv`),
      await put(`${target.prefix}/archive/2026-01-01/${id}/file-000001-e1.csv`),
      await put(`${target.prefix}/2026-01-01/${id}/report.csv`),
      await put(`${target.prefix}/notes.txt`),
    ].sort();

    const report = await collectGarbage(accessTo(target), {
      olderThanSeconds: 0,
      includeUnknown: true,
    });

    expect(report).toMatchObject({ objects: 0, uploads: 0, tasks: [] });
    expect(await listKeys(target.prefix)).toEqual(keys);
    await deleteKeys(target.prefix);
  });

  test('touches nothing of a running task, also when everything is old enough', async () => {
    const target = await ownPrefix('running');
    await using processor = await target.open({ batchSize: 10 });
    const lock = await target.lock();
    await processor.insert(generate(10, record));
    const flushed = processor.flush();
    await target.untilImportWaits();
    await processor.insert(generate(5, (n) => record(n + 10)));

    const report = await collectGarbage(accessTo(target), {
      olderThanSeconds: 0,
      includeUnknown: true,
    });

    expect(report).toMatchObject({ objects: 0, uploads: 0, lost: [] });
    await lock.release();
    await flushed;
    await processor.shutdown();
    expect(await target.count()).toBe(15);
  });

  test('reports dead tasks and lost files, and changes neither', async () => {
    const target = await ownPrefix('reported');
    const { processId } = await failedTask(target);
    const lostKey = (await keysOf(target, processId)).at(-1) ?? '';
    await deleteKeys(lostKey);
    const dead = await failedTask(await ownPrefix('reported'));
    await target.database.query(
      `update relyt_sys.relyt_loader_checkpoint set status = 'RUNNING' where process_id = $1`,
      [dead.processId],
    );
    await loseSight(target, dead.processId);

    const report = await collectGarbage(accessTo(target));

    expect(report.lost).toMatchObject([{ processId, fileId: '3', key: lostKey, foundBytes: null }]);
    expect(report.dead).toMatchObject([
      { processId: dead.processId, lastSeenAt: expect.stringMatching(/Z$/) },
    ]);
    const shown = await relytOn(target, 'gc');
    expect(shown.code).toBe(0);
    expect(shown.stdout).toMatch(new RegExp(`dead: ${dead.processId} .*relyt resume`));
    expect(shown.stdout).toMatch(new RegExp(`lost: file 3 of ${processId}.*not there`));
    expect(await target.checkpoint(dead.processId)).toMatchObject({ status: 'RUNNING' });
    expect(await target.checkpoint(processId)).toMatchObject({ status: 'FAILED' });
  });

  test('G2: reports a file that is another one by now, by the rule of a resume', async () => {
    const target = await ownPrefix('replaced');
    const { processId } = await failedTask(target);
    const key = (await keysOf(target, processId)).at(-1) ?? '';
    const size = await sizeOf(key);
    await put(key, 'x'.repeat(size));

    const { lost } = await collectGarbage(accessTo(target));

    const difference = expect.stringMatching(/^has another ETag/);
    // Tests before this one have lost files of their own.
    expect(lost.filter((file) => file.processId === processId)).toEqual([
      { processId, fileId: '3', key, expectedBytes: size, foundBytes: size, difference },
    ]);
    const shown = await relytOn(target, 'gc');
    expect(shown.stdout).toMatch(new RegExp(`lost: file 3 of ${processId}.*it has another ETag`));
  });

  test('deletes nothing by the rows of a database that has none', async () => {
    const target = await ownPrefix('bare');
    const key = await put(stagedName(target, randomUUID()));
    await using bare = await createTestDatabase(defaultServer());
    await bare.query('create schema relyt_sys');
    await bare.query(
      'create table relyt_sys.relyt_loader_checkpoint (process_id text, status text)',
    );
    const access = { ...accessTo(target), postgresql: { connectionString: bare.url } };

    await expect(
      collectGarbage(access, { olderThanSeconds: 0, includeUnknown: true }),
    ).rejects.toMatchObject({
      code: 'SCHEMA_MISSING',
    });
    expect(await listKeys(`${target.prefix}/`)).toEqual([key]);
  });
});
