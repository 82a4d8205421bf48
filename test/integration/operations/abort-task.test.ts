import { describe, expect, test, vi } from 'vitest';
import { abortTask } from '../../../src/administration.ts';
import { listUploads } from '../../support/bucket.ts';
import { generate, targetsOn } from '../../support/loading.ts';
import { defaultServer, newestServers } from '../../support/stack.ts';
import { accessTo, relytOn, said } from '../cli/relyt-on.ts';
import { failedTask, keysOf, loseSight, record, standStillAt } from './interrupted-tasks.ts';

describe.each(newestServers())('abort of a task on $name', (server) => {
  const makeTarget = targetsOn(server);

  test('G7: what failed is cancelled, its staged files are gone, imported rows stay', async () => {
    const target = await makeTarget('id int primary key, v text');
    const { processId } = await failedTask(target);
    expect(await keysOf(target, processId)).toHaveLength(3);

    const result = await relytOn(target, 'abort', processId, '--json');

    expect(result.code).toBe(0);
    expect(said(result)).toEqual({
      ok: true,
      processId,
      table: `public.${target.table}`,
      filesDiscarded: 1,
      recordsDiscarded: 10,
      objectsDeleted: 3,
      uploadsAborted: 0,
    });
    expect(await keysOf(target, processId)).toEqual([]);
    expect(await target.count()).toBe(20);
    expect(await target.checkpoint(processId)).toMatchObject({
      status: 'CANCELLED',
      error_message: expect.stringMatching(/^aborted, after it had failed: .*record 30/s),
      files_total: 3,
      files_imported: 2,
    });
    expect((await target.files(processId)).map(({ status, error }) => [status, error])).toEqual([
      ['IMPORTED', null],
      ['IMPORTED', null],
      ['ERROR', 'aborted'],
    ]);
  });

  test('G6: a task that is alive is refused, and says who has it', async () => {
    const target = await makeTarget('id int, v text');
    await using processor = await target.open();
    await processor.insert(generate(5, record));

    await expect(abortTask(accessTo(target), processor.processId)).rejects.toMatchObject({
      code: 'ABORT_REFUSED',
      message: expect.stringContaining(`:${process.pid}`),
      hint: expect.stringContaining('--force'),
    });
    await processor.shutdown();
    expect(await target.count()).toBe(5);
  });

  test('G6: --force takes it away from a process in the middle of an import, which can commit nothing', async () => {
    const target = await makeTarget('id int, v text');
    const processor = await target.open({ batchSize: 10 });
    const still = standStillAt('rows-inserted');
    await processor.insert(generate(10, record));
    await still.reached;

    const aborted = await abortTask(accessTo(target), processor.processId, { force: true });
    still.release();

    expect(aborted).toMatchObject({ filesDiscarded: 1, recordsDiscarded: 10, objectsDeleted: 1 });
    await expect(processor.shutdown()).rejects.toMatchObject({ code: 'LEASE_LOST' });
    expect(await target.checkpoint(processor.processId)).toMatchObject({ status: 'CANCELLED' });
    expect(await target.count()).toBe(0);
  });
});

describe('abort', () => {
  const makeTarget = targetsOn(defaultServer());

  test('G7: of a dead process whose uploads were under way', async () => {
    const target = await makeTarget('id int, v text');
    const processor = await target.open({ leaseSeconds: 3600, maxFileBytes: 512 * 1024 * 1024 });
    const still = standStillAt('part-uploaded');
    const inserted = processor.insert(
      generate(60_000, (n) => ({ id: n, v: `${n} ${'x'.repeat(150)}` })),
    );
    const outcome = inserted.then(() => processor.shutdown()).catch((error) => error.code);
    await still.reached;
    await vi.waitFor(async () => expect(await listUploads(target.prefix)).toHaveLength(1), {
      timeout: 60_000,
    });
    await loseSight(target, processor.processId);

    const aborted = await abortTask(accessTo(target), processor.processId);
    still.release();

    expect(aborted).toMatchObject({ filesDiscarded: 1, uploadsAborted: 1, objectsDeleted: 0 });
    expect(await outcome).not.toBeUndefined();
    expect(await listUploads(target.prefix)).toEqual([]);
    expect(await keysOf(target, processor.processId)).toEqual([]);
    expect(await target.count()).toBe(0);
  });

  test('of a task with cleanup never keeps the imported files only', async () => {
    const target = await makeTarget('id int primary key, v text');
    const { processId } = await failedTask(target, { cleanup: 'never' });
    expect(await keysOf(target, processId)).toHaveLength(3);

    await abortTask(accessTo(target), processId);

    const files = await target.files(processId);
    const imported = files.filter(({ status }) => status === 'IMPORTED');
    expect(await keysOf(target, processId)).toEqual(imported.map(({ s3_key }) => s3_key));
    expect(imported).toHaveLength(2);
  });

  test('G8: what has ended, is foreign or is nowhere is refused and left alone', async () => {
    const target = await makeTarget('id int, v text');
    const done = await target.load(generate(1, record));
    await target.database.query(
      `insert into relyt_sys.relyt_loader_checkpoint (process_id, pg_table, status, start_time)
       values ('go', 'public.t', 'FAILED', now())`,
    );

    await expect(abortTask(accessTo(target), done)).rejects.toMatchObject({
      code: 'ABORT_REFUSED',
      message: expect.stringContaining('COMPLETED'),
    });
    await expect(abortTask(accessTo(target), 'go')).rejects.toMatchObject({
      code: 'ABORT_REFUSED',
      message: expect.stringContaining('another SDK'),
    });
    await expect(abortTask(accessTo(target), 'nobody')).rejects.toMatchObject({
      code: 'TASK_NOT_FOUND',
    });
    expect(await target.checkpoint('go')).toMatchObject({ status: 'FAILED' });
  });

  test('G8: with settings of another bucket it changes nothing', async () => {
    const target = await makeTarget('id int primary key, v text');
    const { processId } = await failedTask(target);
    const { postgresql, s3 } = accessTo(target);

    await expect(
      abortTask({ postgresql, s3: { ...s3, bucket: 'another' } }, processId),
    ).rejects.toMatchObject({
      code: 'ABORT_REFUSED',
      message: expect.stringContaining('/another'),
    });

    expect(await target.checkpoint(processId)).toMatchObject({ status: 'FAILED' });
    expect(await keysOf(target, processId)).toHaveLength(3);
    await abortTask(accessTo(target), processId);
  });
});
