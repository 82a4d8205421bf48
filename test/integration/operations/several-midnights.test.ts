// G7: a task that runs over several midnights stages in the folder of each day; a resume finds what stands in any.

import { PutObjectCommand } from '@aws-sdk/client-s3';
import { describe, expect, test } from 'vitest';
import { BulkProcessor } from '../../../src/bulk-processor.ts';
import { testS3Client } from '../../support/bucket.ts';
import { type TestTarget, targetsOn } from '../../support/loading.ts';
import { defaultServer, testStack } from '../../support/stack.ts';
import { failedTask, keysOf } from './interrupted-tasks.ts';

const dayAgo = (days: number) =>
  new Date(Date.now() - days * 86_400_000).toISOString().slice(0, 10);

/** As a process leaves it that dies between the upload of a file and its row. */
async function stageUnrecorded(target: TestTarget, processId: string, places: readonly string[]) {
  const s3 = testS3Client();
  try {
    for (const place of places) {
      const [day, ...rest] = place.split('/');
      const Key = [target.prefix, day, processId, ...rest].join('/');
      await s3.send(new PutObjectCommand({ Bucket: testStack().s3.bucket, Key, Body: '7,7,x\n' }));
    }
  } finally {
    s3.destroy();
  }
}

describe('what a task staged days ago', () => {
  const makeTarget = targetsOn(defaultServer());

  test('is removed by a resume when it has no row, in a folder of an import or not', async () => {
    const target = await makeTarget('id int, v text');
    const { processId } = await failedTask(target);
    await target.database.query(
      `update relyt_sys.relyt_loader_task set created_at = now() - interval '6 days' where process_id = $1`,
      [processId],
    );
    await stageUnrecorded(target, processId, [
      `${dayAgo(6)}/file-000090-e1.csv`,
      `${dayAgo(3)}/file-000091-e1.csv`,
      `${dayAgo(2)}/import-000004-l0-e1/file-000092-e1.csv`,
      `${dayAgo(0)}/import-000005-l0-e1/file-000093-e1.csv.gz`,
    ]);
    expect(await keysOf(target, processId)).toHaveLength(7);
    await target.database.query(`alter table ${target.sql} drop constraint poison`);
    await using resumed = await BulkProcessor.resume(processId, target.config());
    await resumed.shutdown();
    expect(await keysOf(target, processId)).toEqual([]);
    expect(await target.count()).toBe(30);
  });
});
