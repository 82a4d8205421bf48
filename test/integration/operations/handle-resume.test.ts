// G1, G5, G7: a task goes on by its id alone, with the settings it was started with, over the connections of a handle.

import { describe, expect, test } from 'vitest';
import { connect } from '../../../src/connected.ts';
import { failureOf, type LoadOptions, type TestTarget, targetsOn } from '../../support/loading.ts';
import { defaultServer } from '../../support/stack.ts';
import { accessTo } from '../cli/relyt-on.ts';
import { as, loaderOf } from '../database/two-roles.ts';

interface Person {
  readonly key: number;
  readonly name: string;
}

const makeTarget = targetsOn(defaultServer());
const person = (key: number): Person => ({ key, name: `person ${key}` });
const STARTED = {
  columns: { id: 'key', v: 'name' },
  onConflict: 'nothing',
  batchSize: 2,
  maxErrorRecords: 5,
} as const;

/** A task that has loaded persons 1 to 3, and waits for the others. */
async function suspended(target: TestTarget, options: LoadOptions = {}): Promise<string> {
  await using processor = await target.open({ ...STARTED, ...options });
  await processor.insert([1, 2, 3].map(person), { position: { after: 3 } });
  await processor.suspend('for this test');
  return processor.processId;
}

describe('a handle', () => {
  test('resumes a task by its id, exactly once', async () => {
    const target = await makeTarget('id int primary key, v text');
    const processId = await suspended(target);
    await using relyt = await connect(accessTo(target));
    await using processor = await relyt.resume<Person, { after: number }>(processId);
    expect(processor.processId).toBe(processId);
    expect(processor.position).toEqual({ after: 3 });
    await processor.insert([4, 3].map(person));
    await processor.shutdown();
    expect(await target.count()).toBe(4);
    const { status, task } = await relyt.task(processId);
    expect(status).toBe('COMPLETED');
    expect(task?.settings).toMatchObject({ onConflict: 'nothing', batchSize: 2 });
    // It had the connections of the handle, which are whole.
    expect(await relyt.tasks()).toMatchObject([{ processId }]);
  });

  test('takes settings that may change from the caller, and refuses those that matter', async () => {
    const target = await makeTarget('id int primary key, v text');
    const processId = await suspended(target);
    await using relyt = await connect(accessTo(target));
    const differing = { table: target.table, onConflict: 'update' } as const;
    const refused = await failureOf(relyt.resume(processId, differing));
    expect(refused).toMatchObject({ code: 'RESUME_REFUSED' });
    expect(refused.message).toMatch(/onConflict was "nothing"/);
    await using processor = await relyt.resume(
      processId,
      { ...differing, batchSize: 7 },
      { allowChanges: ['onConflict'] },
    );
    await processor.insert([{ key: 3, name: 'changed' }]);
    await processor.shutdown();
    expect(await target.rows('id, v', 'id')).toContainEqual({ id: 3, v: 'changed' });
  });

  test('resumes nothing that has ended, is not there, or whose settings are half said (G8)', async () => {
    const target = await makeTarget('id int primary key, v text');
    const complete = await target.load([{ id: 1, v: 'x' }]);
    await using relyt = await connect(accessTo(target));
    expect(await failureOf(relyt.resume(complete))).toMatchObject({ code: 'RESUME_REFUSED' });
    expect(await failureOf(relyt.resume('nothing'))).toMatchObject({ code: 'TASK_NOT_FOUND' });
    const processId = await suspended(target);
    const half = relyt.resume(processId, { s3: { bucket: undefined } });
    expect(await failureOf(half)).toMatchObject({
      code: 'CONFIG_INVALID',
      message: expect.stringContaining('s3.bucket is undefined'),
    });
  });

  test('takes no endpoint on the word of another role (G7)', async () => {
    const target = await makeTarget('id int primary key, v text');
    const loader = await loaderOf(target);
    const processId = await suspended(target, { url: loader.url });
    const greenplum = { configServer: 'http://attacker.example' };
    await as(
      loader,
      `update relyt_sys.relyt_loader_task set settings = jsonb_set(settings, '{greenplum}', $2::jsonb)
       where process_id = $1`,
      [processId, JSON.stringify(greenplum)],
    );
    await using relyt = await connect(accessTo(target));
    const refused = await failureOf(relyt.resume(processId));
    expect(refused).toMatchObject({ code: 'RESUME_REFUSED' });
    expect(refused.hint).toContain('greenplum.configServer');
    await using processor = await relyt.resume(processId, { greenplum });
    await processor.shutdown();
  });
});
