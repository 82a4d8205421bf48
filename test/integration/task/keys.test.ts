// G1: a program that is simply run again finds its task by a key: it is created, resumed, or complete.

import { describe, expect, test, vi } from 'vitest';
import { listTasks, showTask } from '../../../src/administration.ts';
import { BulkProcessor, type OpenedTask } from '../../../src/bulk-processor.ts';
import { createLoaderRole, failureOf, generate, targetsOn } from '../../support/loading.ts';
import { defaultServer, newestServers } from '../../support/stack.ts';

const record = (n: number) => ({ id: n, v: `value ${n}` });
const COLUMNS = 'id int, v text';

function processorOf(opened: OpenedTask): BulkProcessor {
  if (opened.state === 'complete') throw new Error('the task is complete');
  return opened.processor;
}

describe.each(newestServers())('a task with a key on $name (G1)', (server) => {
  const makeTarget = targetsOn(server);

  test('is created, resumed where it stands, and complete in the end', async () => {
    const target = await makeTarget(COLUMNS);
    const created = await BulkProcessor.open('nightly', target.config());
    expect(created.state).toBe('created');
    const first = processorOf(created);
    await first.insert(generate(10, record), { position: 10 });
    await first.suspend('the machine goes down');

    const resumed = await BulkProcessor.open('nightly', target.config());
    expect(resumed.state).toBe('resumed');
    const second = processorOf(resumed);
    expect(second.processId).toBe(first.processId);
    expect(second.position).toBe(10);
    await second.insert([record(11)], { position: 11 });
    await second.shutdown();

    const { processId } = first;
    expect(await BulkProcessor.open('nightly', target.config())).toEqual({
      state: 'complete',
      processId,
    });
    expect(await target.count()).toBe(11);
  });
});

describe('a task with a key', () => {
  const makeTarget = targetsOn(defaultServer());

  test('that was aborted leaves its key to the next one', async () => {
    const target = await makeTarget(COLUMNS);
    const first = processorOf(await BulkProcessor.open('k', target.config()));
    await first.abort();
    const opened = await BulkProcessor.open('k', target.config());
    expect(opened.state).toBe('created');
    const second = processorOf(opened);
    expect(second.processId).not.toBe(first.processId);
    await second.shutdown();
    expect(await BulkProcessor.open('k', target.config())).toMatchObject({
      processId: second.processId,
    });
  });

  test('has it for its table and its role only', async () => {
    const [one, other] = [await makeTarget(COLUMNS), await makeTarget(COLUMNS)];
    const first = processorOf(await BulkProcessor.open('shared', one.config()));
    const second = await BulkProcessor.open('shared', other.config());
    expect(second.state).toBe('created');
    const role = await createLoaderRole(one);
    await one.database.query(`grant select, insert on ${one.sql} to "${role.name}"`);
    const third = await BulkProcessor.open('shared', one.config({ url: role.url }));
    expect(third.state).toBe('created');
    for (const processor of [first, processorOf(second), processorOf(third)])
      await processor.shutdown();
  });

  test('opened by many at once is created by one, and refused to the others (G6)', async () => {
    const target = await makeTarget(COLUMNS);
    const all = await Promise.allSettled(
      [1, 2, 3, 4].map(() => BulkProcessor.open('race', target.config())),
    );
    const opened = all.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
    const refused = all.flatMap((one) => (one.status === 'rejected' ? [one.reason] : []));
    expect(opened).toMatchObject([{ state: 'created' }]);
    expect(refused).toHaveLength(3);
    for (const error of refused) {
      expect(error).toMatchObject({
        code: 'RESUME_REFUSED',
        message: expect.stringContaining('still being written'),
      });
    }
    await Promise.all(opened.map((one) => processorOf(one).shutdown()));
    expect(
      await listTasks(
        { postgresql: { connectionString: target.database.url } },
        { table: `${target.schema}.${target.table}` },
      ),
    ).toHaveLength(1);
  });

  test('opened by two that begin it in the same moment: nobody waits for ever, and one task is left', async () => {
    const target = await makeTarget(COLUMNS);
    await target.load([]);
    // Neither sees a task: both go to begin one.
    const blocker = await target.database.pool.connect();
    await blocker.query('begin; lock table relyt_sys.relyt_loader_key in share mode');
    const both = [1, 2].map(() => BulkProcessor.open('moment', target.config()));
    const settled = Promise.allSettled(both);
    await vi.waitFor(async () => expect(await target.waitingImports()).toHaveLength(2), {
      timeout: 60_000,
    });
    await blocker.query('rollback');
    blocker.release();
    const outcome = await settled;
    const opened = outcome.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
    expect(opened).toMatchObject([{ state: 'created' }]);
    expect(outcome.flatMap((one) => (one.status === 'rejected' ? [one.reason] : []))).toMatchObject(
      [{ code: 'RESUME_REFUSED' }],
    );
    await Promise.all(opened.map((one) => processorOf(one).shutdown()));
    const tasks = await target.database.query(
      'select 1 from relyt_sys.relyt_loader_task where pg_table = $1',
      [`${target.schema}.${target.table}`],
    );
    // That of the empty load before, and the one of the key: what lost left nothing.
    expect(tasks).toHaveLength(2);
  });

  test('that another process completes meanwhile is waited for, and complete', async () => {
    const target = await makeTarget(COLUMNS);
    const first = processorOf(await BulkProcessor.open('wait', target.config()));
    const waiting = BulkProcessor.open('wait', target.config(), { waitSeconds: 30 });
    await first.insert([record(1)]);
    await first.shutdown();
    expect(await waiting).toEqual({ state: 'complete', processId: first.processId });
  });

  test('is shown with it', async () => {
    const target = await makeTarget(COLUMNS);
    const access = { postgresql: { connectionString: target.database.url } };
    const processor = processorOf(await BulkProcessor.open('shown', target.config()));
    await processor.shutdown();
    expect(await showTask(access, processor.processId)).toMatchObject({ key: 'shown' });
    const without = await target.load([record(1)]);
    expect(await showTask(access, without)).toMatchObject({ key: null });
  });

  test.each(['', 'x'.repeat(201), 'a\u001b[2J'])('%j is no key', async (key) => {
    const target = await makeTarget(COLUMNS);
    const failure = await failureOf(BulkProcessor.open(key, target.config()));
    expect(failure).toMatchObject({
      code: 'CONFIG_INVALID',
      message: expect.stringContaining('key'),
    });
  });

  test('that leads to the task of another table is not believed', async () => {
    const target = await makeTarget(COLUMNS);
    const other = await makeTarget(COLUMNS);
    const processor = processorOf(await BulkProcessor.open('forged', target.config()));
    await processor.shutdown();
    const elsewhere = await other.load([record(1)]);
    await target.database.query(
      `update relyt_sys.relyt_loader_key set process_id = $1 where key = 'forged'`,
      [elsewhere],
    );
    const opened = await BulkProcessor.open('forged', target.config());
    expect(opened.state).toBe('created');
    await processorOf(opened).shutdown();
  });
});
