// G1 for sources that give positions: what is safe ends exactly at a position, whenever files are closed.

import { describe, expect, test } from 'vitest';
import { BulkProcessor } from '../../../src/bulk-processor.ts';
import { generate, type TestTarget, targetsOn } from '../../support/loading.ts';
import { defaultServer } from '../../support/stack.ts';

const record = (n: number) => ({ id: n, v: `value ${n}` });
const records = (from: number, count: number) => generate(count, (n) => record(from + n));

async function expectEachOnce(target: TestTarget, count: number): Promise<void> {
  expect(await target.rows('id, v')).toEqual([...records(0, count)]);
}

/** Records that wait in their midst until they are let go. */
function heldUp(from: number, count: number) {
  let release = () => {};
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  let reached = () => {};
  const half = new Promise<void>((resolve) => {
    reached = resolve;
  });
  async function* source() {
    yield* records(from, count / 2);
    reached();
    await held;
    yield* records(from + count / 2, count / 2);
  }
  return { source: source(), half, release: () => release() };
}

describe('positions of the source (G1)', () => {
  const makeTarget = targetsOn(defaultServer());

  test('a batch larger than a file is frozen as a whole, and replayed as a whole', async () => {
    const target = await makeTarget('id int, v text');
    const options = { batchSize: 10 };
    await using first = await target.open(options);
    await first.insert(records(0, 25), { position: 'a' });
    await first.flush();
    const broken = function* () {
      yield* records(25, 15);
      throw new Error('the source broke');
    };
    await expect(first.insert(broken(), { position: 'b' })).rejects.toThrow('the source broke');
    await expect(first.shutdown()).rejects.toMatchObject({ code: 'SOURCE_FAILED' });
    expect(await target.checkpoint(first.processId)).toMatchObject({
      status: 'FAILED',
      error_message: expect.stringContaining('the source broke'),
    });

    await using second = await BulkProcessor.resume(first.processId, target.config(options));
    expect(second.position).toBe('a');
    expect(second.progress().received).toBe(25);
    await expectEachOnce(target, 25);
    await second.insert(records(25, 20), { position: 'b' });
    await second.shutdown();
    await expectEachOnce(target, 45);
  });

  test('neither the age of a file nor a flush() closes it in the midst of a batch', async () => {
    const target = await makeTarget('id int, v text');
    await using processor = await target.open({ fileWriteTimeoutSeconds: 0.05, batchSize: 5 });
    await processor.insert(records(0, 3), { position: 3 });
    const { source, half, release } = heldUp(3, 20);
    const inserted = processor.insert(source, { position: 23 });
    await half;
    const flushed = processor.flush();
    // Longer than a file may be open.
    await new Promise((resolve) => setTimeout(resolve, 200));
    const stored = await target.database.query<{ last_ordinal: number; position: number | null }>(
      `select last_ordinal::int, source_position::text::int as position
       from relyt_sys.relyt_loader_task where process_id = $1`,
      [processor.processId],
    );
    expect(stored).toEqual([
      expect.toSatisfy(({ last_ordinal, position }) => last_ordinal === (position ?? 0)),
    ]);
    release();
    await Promise.all([inserted, flushed]);
    await expectEachOnce(target, 23);
    await processor.shutdown();
  });

  test('records without a position are frozen whenever a file is full', async () => {
    const target = await makeTarget('id int, v text');
    await using processor = await target.open({ batchSize: 10 });
    const { source, half, release } = heldUp(0, 50);
    const inserted = processor.insert(source);
    await half;
    await expect.poll(() => processor.progress().filesImported).toBeGreaterThanOrEqual(2);
    release();
    await inserted;
    await processor.shutdown();
    await expectEachOnce(target, 50);
  });
});
