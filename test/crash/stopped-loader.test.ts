// G6: a process that was paused and lost its task cannot commit anything any more, however far it was, and whoever
// took the task over has it to itself.

import { beforeAll, describe, expect, test } from 'vitest';
import type { FailpointName } from '../../src/failpoints.ts';
import { ensureBuilt } from '../support/build.ts';
import { columnsOf, type RecordShape } from '../support/given-records.mjs';
import { type LoaderOrder, LoaderProcess } from '../support/loader-process.ts';
import { type MakeTarget, type TestTarget, targetsOn } from '../support/loading.ts';
import { defaultServer } from '../support/stack.ts';
import { CRASH_CONFIG, type LoadShape, SHAPES, type ShapeName } from './crash-case.ts';
import { expectLoadedExactly } from './verdict.ts';

beforeAll(ensureBuilt);

interface Prepared {
  readonly target: TestTarget;
  readonly shape: RecordShape;
  readonly order: LoaderOrder;
}

async function prepare(makeTarget: MakeTarget, name: ShapeName): Promise<Prepared> {
  const { batch, config: options, ...rest } = SHAPES[name] as LoadShape;
  const shape = { ...rest, seed: 3 };
  const target = await makeTarget(columnsOf(shape));
  const config = target.config({ ...CRASH_CONFIG, ...options });
  return { target, shape, order: { config, shape, batch } };
}

/** Every import that was committed, by the number it had. */
async function imports(target: TestTarget, processId: string) {
  return target.database.query(
    `select import_id::int, num_records::int, imported_at from relyt_sys.relyt_loader_import
     where process_id = $1 order by 1`,
    [processId],
  );
}

describe.concurrent('a loader that is stopped and continued (G6)', () => {
  const makeTarget = targetsOn(defaultServer());

  test.each<{ failpoint: FailpointName; shape: ShapeName }>([
    { failpoint: 'file-recorded', shape: 'a table without a key' },
    { failpoint: 'object-completed', shape: 'a table without a key' },
    { failpoint: 'part-uploaded', shape: 'files of several parts' },
    { failpoint: 'before-freeze', shape: 'rejected records' },
    { failpoint: 'rows-inserted', shape: 'a table with a key' },
    { failpoint: 'before-commit', shape: 'a table without a key' },
    { failpoint: 'before-commit', shape: 'four imports at once' },
    { failpoint: 'before-finish', shape: 'a table with a key' },
  ])(
    'at $failpoint with $shape while another process finishes the task',
    async ({ failpoint, shape: name }) => {
      const { target, shape, order } = await prepare(makeTarget, name);
      const hit = failpoint === 'before-finish' ? 1 : 2;
      const stop = { name: failpoint, hit, signal: 'SIGSTOP' } as const;
      await using first = new LoaderProcess({ ...order, failpoint: stop });
      await first.until('failpoint');
      const { processId = '' } = await first.until('opened');
      await using second = new LoaderProcess({ ...order, processId, waitForLease: true });
      await second.ended;
      expect(second.last('done'), second.story).toBeDefined();
      const committed = await imports(target, processId);

      await first.wake();
      expect(await first.ended, first.story).toBeNull();
      expect(first.last('failed'), first.story).toMatchObject({ code: 'LEASE_LOST' });
      expect(await imports(target, processId)).toEqual(committed);
      await expectLoadedExactly({ target, processId, shape });
    },
  );

  test('in the middle of a resume while a third process finishes the task', async () => {
    const { target, shape, order } = await prepare(makeTarget, 'a table without a key');
    await using first = new LoaderProcess({ ...order, until: 200, end: 'suspend' });
    const { processId = '' } = await first.until('opened');
    await first.ended;
    // The first import of the records that follow.
    const stop = { name: 'before-commit', hit: 1, signal: 'SIGSTOP' } as const;
    await using second = new LoaderProcess({ ...order, processId, failpoint: stop });
    await second.until('failpoint');
    await using third = new LoaderProcess({ ...order, processId, waitForLease: true });
    await third.ended;
    expect(third.last('done'), third.story).toBeDefined();

    await second.wake();
    await second.ended;
    expect(second.last('failed'), second.story).toMatchObject({ code: 'LEASE_LOST' });
    await expectLoadedExactly({ target, processId, shape });
  });
});

describe.concurrent('one writer at a time (G6)', () => {
  const makeTarget = targetsOn(defaultServer());

  test.each(['killed', 'suspended'])(
    'of two that resume a %s task at once, one wins',
    async (how) => {
      const { target, shape, order } = await prepare(makeTarget, 'a table without a key');
      await using first = new LoaderProcess({
        ...order,
        ...(how === 'killed'
          ? { failpoint: { name: 'frozen', hit: 3, signal: 'SIGKILL' } as const }
          : { until: 200, end: 'suspend' as const }),
      });
      const { processId = '' } = await first.until('opened');
      await first.ended;
      const again = { ...order, processId, waitForLease: how === 'killed', pauseMs: 300 };
      await using one = new LoaderProcess(again);
      await using other = new LoaderProcess(again);
      await Promise.all([one.ended, other.ended]);

      const ended = [one, other].map((loader) => loader.last('done') ?? loader.last('failed'));
      const story = `${one.story}\n---\n${other.story}`;
      expect(
        ended.filter((event) => event?.event === 'done'),
        story,
      ).toHaveLength(1);
      expect(
        ended.find((event) => event?.event === 'failed'),
        story,
      ).toMatchObject({
        code: 'RESUME_REFUSED',
      });
      await expectLoadedExactly({ target, processId, shape });
    },
  );

  test('a task that is alive cannot be resumed', async () => {
    const { target, shape, order } = await prepare(makeTarget, 'a table with a key');
    await using first = new LoaderProcess({ ...order, holdAt: order.batch });
    const { processId = '' } = await first.until('opened');
    await first.until('inserted');
    await using second = new LoaderProcess({ ...order, processId });
    await second.ended;
    expect(second.last('failed'), second.story).toMatchObject({
      code: 'RESUME_REFUSED',
      message: expect.stringContaining('still being written'),
    });
    first.release();
    await first.ended;
    expect(first.last('done'), first.story).toBeDefined();
    await expectLoadedExactly({ target, processId, shape });
  });

  test('a task lives longer than its lease while its records trickle in', async () => {
    const { target, shape, order } = await prepare(makeTarget, 'a table with a key');
    const holdAt = shape.total - order.batch;
    await using first = new LoaderProcess({ ...order, pauseMs: 700, holdAt });
    const { processId = '' } = await first.until('opened');
    // Twelve batches with pauses take more than two leases.
    await first.until('inserted', ({ position }) => position === holdAt);
    await using second = new LoaderProcess({ ...order, processId });
    await second.ended;
    expect(second.last('failed'), second.story).toMatchObject({
      code: 'RESUME_REFUSED',
      message: expect.stringContaining('still being written'),
    });
    first.release();
    await first.ended;
    await expectLoadedExactly({ target, processId, shape });
  });
});
