// G1 and G2 on every engine: large loads arrive exactly, also when an import fails in the middle or the task does.

import { describe, expect, test } from 'vitest';
import { BulkProcessor } from '../../../src/bulk-processor.ts';
import type { FailpointName } from '../../../src/failpoints.ts';
import { expectLoadedExactly } from '../../crash/verdict.ts';
import { listKeys } from '../../support/bucket.ts';
import { describeEngines } from '../../support/engines-under-test.ts';
import { failAt } from '../../support/fail-at.ts';
import { columnsOf, givenRecords, type RecordShape } from '../../support/given-records.mjs';
import { generate, type LoadOptions, type TestTarget } from '../../support/loading.ts';

const LARGE = 60_000;
const record = (n: number) => ({ id: n, v: `value ${n}, with "quotes"\nand lines` });

/** The counts of all imports, summed up. */
async function sums(target: TestTarget, processId: string) {
  const imports = await target.imports(processId);
  const sum = (of: (one: (typeof imports)[number]) => number) =>
    imports.reduce((total, one) => total + of(one), 0);
  return {
    imports: imports.length,
    records: sum((one) => one.num_records),
    inserted: sum((one) => one.rows_inserted),
    updated: sum((one) => one.rows_updated),
    superseded: sum((one) => one.rows_superseded),
  };
}

describeEngines('exactly once (G1, G2)', ({ makeTarget }) => {
  test('many compressed files in several imports at a time, without a key', async () => {
    const target = await makeTarget('id int, v text');
    const processId = await target.load(generate(LARGE, record), {
      batchSize: 2_500,
      batchImportSize: 4,
      concurrency: 4,
      compression: 'gzip',
    });
    expect(
      await target.rows(
        `count(*)::int as n, count(distinct id)::int as ids, max(id) as last,
         count(case when v = 'value ' || id || E', with "quotes"\\nand lines' then 1 end)::int as right_value`,
      ),
    ).toEqual([{ n: LARGE, ids: LARGE, last: LARGE - 1, right_value: LARGE }]);
    const counts = await sums(target, processId);
    expect(counts).toMatchObject({ records: LARGE, inserted: LARGE, updated: 0, superseded: 0 });
    expect(counts.imports).toBeGreaterThanOrEqual(6);
    expect(await listKeys(`${target.prefix}/`, target.way.s3)).toEqual([]);
  });

  test('a key that comes twice, in files and imports of four lanes', async () => {
    const target = await makeTarget('id int primary key, v int');
    const keys = 10_000;
    const records = () => generate(2 * keys, (n) => ({ id: n % keys, v: n }));
    const processId = await target.load(records(), { batchSize: 500, concurrency: 4 });
    expect(
      await target.rows(
        `count(*)::int as n, count(distinct id)::int as ids, count(case when v = id + ${keys} then 1 end)::int as last`,
      ),
    ).toEqual([{ n: keys, ids: keys, last: keys }]);
    const { inserted, updated, superseded } = await sums(target, processId);
    expect({ inserted, twice: updated + superseded }).toEqual({ inserted: keys, twice: keys });
  });

  test('legitimate duplicates in a table without a key', async () => {
    const target = await makeTarget('id int, v text');
    const same = { id: 1, v: 'same' };
    await target.load(
      generate(700, () => same),
      { batchSize: 90, concurrency: 2 },
    );
    expect(await target.count()).toBe(700);
    expect(await target.rows('distinct id, v')).toEqual([same]);
  });
});

const SHAPE: RecordShape = { seed: 5, total: 300, keyed: false, rejects: true };
const KEYED: RecordShape = { seed: 6, total: 300, keyed: true, rejects: false };
const OPTIONS: LoadOptions = { batchSize: 40, batchImportSize: 2, maxErrorRecords: 1_000 };

async function insertFrom(processor: BulkProcessor, shape: RecordShape): Promise<void> {
  for (let at = Number(processor.position ?? 0); at < shape.total; at += 50)
    await processor.insert(givenRecords(shape, at, at + 50), { position: at + 50 });
  await processor.shutdown();
}

const POINTS: readonly [FailpointName, RecordShape][] = [
  ['external-created', KEYED],
  ['isolation-staged', SHAPE],
  ['rows-inserted', KEYED],
  ['before-commit', SHAPE],
  ['committed', KEYED],
];

describeEngines(
  'a failure in the middle of an import (G1, G7)',
  ({ makeTarget }) => {
    describe.each(POINTS)('at %s', (name, shape) => {
      test('that may pass: the import is repeated', async () => {
        const target = await makeTarget(columnsOf(shape));
        const passing = () => Object.assign(new Error('a deadlock'), { code: '40P01' });
        failAt(name, { hit: 2, failure: passing });
        await using processor = await target.open(OPTIONS);
        await insertFrom(processor, shape);
        await expectLoadedExactly({ target, shape, processId: processor.processId });
      });

      test('that lasts: the task fails, and a resume brings the rest', async () => {
        const target = await makeTarget(columnsOf(shape));
        const disarm = failAt(name, { hit: 2 });
        await using first = await target.open(OPTIONS);
        await expect(insertFrom(first, shape)).rejects.toMatchObject({ code: 'INTERNAL' });
        await expect(first.shutdown()).rejects.toMatchObject({ code: 'INTERNAL' });
        disarm();
        const { processId } = first;
        expect(await target.checkpoint(processId)).toMatchObject({ status: 'FAILED' });
        await using second = await BulkProcessor.resume(processId, target.config(OPTIONS));
        await insertFrom(second, shape);
        await expectLoadedExactly({ target, shape, processId });
      });
    });
  },
  { oneServer: true },
);
