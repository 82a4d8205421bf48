// G7, G8: what a task has left in S3 is gone after the command of the hint.

import { expect, test } from 'vitest';
import { BulkProcessor } from '../../../src/bulk-processor.ts';
import { failAt } from '../../support/fail-at.ts';
import { generate, type TestTarget, targetsOn } from '../../support/loading.ts';
import { S3Proxy } from '../../support/s3-proxy.ts';
import { defaultServer, testStack } from '../../support/stack.ts';
import { relyt } from '../cli/relyt.ts';
import { environmentOf, relytOn, said } from '../cli/relyt-on.ts';
import { failedTask, keysOf, record } from '../operations/interrupted-tasks.ts';
import { DONE, hintedCommands, hintOf, runHinted } from './hinted.ts';

const makeTarget = targetsOn(defaultServer());
const COLUMNS = 'id int primary key, v text';

/** Follows the hint of a task that has objects in S3. */
async function collected(target: TestTarget, processId: string, hint: string): Promise<void> {
  expect(await keysOf(target, processId)).not.toEqual([]);
  const commands = hintedCommands(hint);
  expect(commands).toEqual(['relyt gc']);
  expect(await runHinted(target, commands[0] ?? '')).toMatchObject(DONE);
  expect(await keysOf(target, processId)).toEqual([]);
}

test('gc: of a task that is complete, and is refused an abort', async () => {
  const target = await makeTarget(COLUMNS);
  failAt('before-delete');
  const processId = await target.load(generate(5, record), { engine: 'copy' });
  const refused = await relytOn(target, 'abort', processId, '--json');
  expect(said(refused)).toMatchObject({ code: 'ABORT_REFUSED' });
  await collected(target, processId, hintOf(refused));
  expect(await target.count()).toBe(5);
});

test('gc: of a task that was aborted while S3 refused to delete', async () => {
  const target = await makeTarget(COLUMNS);
  const { processId } = await failedTask(target);
  await using proxy = await S3Proxy.start(testStack().s3.endpoint);
  proxy.faultOf = ({ method, path }) =>
    method === 'POST' && /[?&]delete\b/.test(path) ? { status: 403 } : undefined;
  const env = { ...environmentOf(target), RELYT_S3_ENDPOINT: proxy.endpoint };
  await target.database.query(
    `update relyt_sys.relyt_loader_task set settings = settings - 's3Location' where process_id = $1`,
    [processId],
  );
  const failed = await relyt(['abort', processId, '--json'], { env });
  expect(said(failed).message).toContain('The task is CANCELLED, but not everything is deleted.');
  await collected(target, processId, hintOf(failed));
});

test('gc: of a task that began over S3 and ended without', async () => {
  const target = await makeTarget(COLUMNS);
  await using begun = await target.open({ engine: 'copy' });
  await begun.insert(generate(5, record));
  await begun.flush();
  await begun.suspend('for this test');
  const { processId } = begun;
  const { s3: _, ...config } = target.config({ engine: 'direct' });
  await using resumed = await BulkProcessor.resume(processId, config, {
    allowChanges: ['engine', 's3Location'],
  });
  const hints: string[] = [];
  resumed.on('warning', ({ hint }) => void hints.push(hint));
  await resumed.shutdown();
  expect(await target.checkpoint(processId)).toMatchObject({ status: 'COMPLETED' });
  await collected(target, processId, hints.join('\n'));
});
