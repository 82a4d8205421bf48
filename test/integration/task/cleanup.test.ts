// What becomes of staged files, by the setting `cleanup`.

import { describe, expect, test } from 'vitest';
import { showTask } from '../../../src/administration.ts';
import { BulkProcessor } from '../../../src/bulk-processor.ts';
import { targetsOn } from '../../support/loading.ts';
import { defaultServer } from '../../support/stack.ts';
import { accessTo, relytOn } from '../cli/relyt-on.ts';
import { failedTask, keysOf, record } from '../operations/interrupted-tasks.ts';

const makeTarget = targetsOn(defaultServer());

describe('cleanup', () => {
  test.each([
    ['on-success', 3],
    ['always', 0],
    ['never', 3],
  ] as const)('%s leaves %i of 3 objects when the third file fails', async (cleanup, left) => {
    const target = await makeTarget('id int primary key, v text');
    const { processId } = await failedTask(target, { cleanup });

    expect(await keysOf(target, processId)).toHaveLength(left);
    expect(await target.checkpoint(processId)).toMatchObject({ status: 'FAILED' });
  });

  test.each([
    ['on-success', 0],
    ['always', 0],
    ['never', 1],
  ] as const)('%s leaves %i of 1 objects when all goes well', async (cleanup, left) => {
    const target = await makeTarget('id int primary key, v text');
    const processId = await target.load([record(1)], { cleanup });

    expect(await keysOf(target, processId)).toHaveLength(left);
  });

  test("G8: a task that failed with 'always' says why it cannot be resumed, and can be aborted", async () => {
    const target = await makeTarget('id int primary key, v text');
    const { processId } = await failedTask(target, { cleanup: 'always' });
    const [, , file] = await target.files(processId);
    expect(file).toMatchObject({
      status: 'ERROR',
      error: expect.stringMatching(/^given up, as cleanup 'always' asks: .*record 30/),
    });
    expect(await showTask(accessTo(target), processId)).toMatchObject({ next: 'abort' });

    await expect(BulkProcessor.resume(processId, target.config())).rejects.toMatchObject({
      code: 'STAGED_FILE_LOST',
      message: expect.stringContaining("cleanup 'always'"),
    });

    // The attempt ends the task again, it does not leave it RUNNING.
    expect(await target.checkpoint(processId)).toMatchObject({ status: 'FAILED' });
    expect(await relytOn(target, 'abort', processId)).toMatchObject({ code: 0 });
    expect(await target.checkpoint(processId)).toMatchObject({ status: 'CANCELLED' });
  });
});
