// G1: after flush() every record inserted before it is in the table exactly once.

import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { BulkProcessor } from '../../../src/bulk-processor.ts';
import type { ImportEvent } from '../../../src/events.ts';
import { listKeys } from '../../support/bucket.ts';
import { generate, type TestTarget, targetsOn } from '../../support/loading.ts';
import { defaultServer, newestServers } from '../../support/stack.ts';

const KEYED = 'id int primary key, v text';
const KEYLESS = 'id int, v text';
const record = (n: number) => ({ id: n, v: `value ${n}` });

/** The ids 0 … count-1, each once, each with its own value. */
async function expectEachOnce(target: TestTarget, count: number): Promise<void> {
  const [row] = await target.database.query(
    `select count(*)::int as n, count(distinct id)::int as ids, min(id) as first, max(id) as last,
            count(*) filter (where v = 'value ' || id)::int as right_value from ${target.sql}`,
  );
  expect(row).toEqual({ n: count, ids: count, first: 0, last: count - 1, right_value: count });
}

/** Resolves with the next import that is committed. */
function nextImport(processor: BulkProcessor): Promise<ImportEvent> {
  return new Promise((resolve, reject) => {
    processor.on('imported', resolve);
    processor.on('failed', reject);
  });
}

async function* oneATurn(records: Iterable<unknown>): AsyncGenerator<unknown> {
  for (const one of records) {
    await new Promise(setImmediate);
    yield one;
  }
}

describe.each(newestServers())('exactly once (G1) on $name', (server) => {
  const makeTarget = targetsOn(server);

  test.each([
    ['with a key', KEYED],
    ['without a key', KEYLESS],
  ])('into a table %s, in many files and several imports at a time', async (_, columns) => {
    const target = await makeTarget(columns);
    const warnings: string[] = [];
    const onWarning = (warning: Error) => warnings.push(warning.name);
    process.on('warning', onWarning);
    onTestFinished(() => void process.off('warning', onWarning));
    const processId = await target.load(generate(2500, record), { batchSize: 100, concurrency: 3 });
    await expectEachOnce(target, 2500);
    const files = await target.files(processId);
    expect(files.length).toBeGreaterThanOrEqual(25);
    expect(files.every((file) => file.status === 'IMPORTED' && file.num_records <= 100)).toBe(true);
    expect(await listKeys(`${target.prefix}/`)).toEqual([]);
    expect(warnings).not.toContain('MaxListenersExceededWarning');
  });

  test('a table without a key keeps legitimate duplicates', async () => {
    const target = await makeTarget(KEYLESS);
    const same = () => ({ id: 1, v: 'same' });
    const processId = await target.load(generate(700, same), { batchSize: 90, concurrency: 2 });
    expect(await target.database.query(`select distinct id, v from ${target.sql}`)).toEqual([
      same(),
    ]);
    expect(await target.count()).toBe(700);
    const imports = await target.imports(processId);
    expect(imports.reduce((sum, one) => sum + one.rows_inserted, 0)).toBe(700);
  });

  test('compressed files', async () => {
    const target = await makeTarget(KEYED);
    const processId = await target.load(generate(3000, record), {
      batchSize: 1000,
      compression: 'gzip',
      cleanup: 'never',
    });
    await expectEachOnce(target, 3000);
    const keys = await listKeys(`${target.prefix}/`);
    expect(keys.filter((key) => key.includes(processId) && key.endsWith('.bin.gz'))).toHaveLength(
      3,
    );
  });
});

describe('exactly once (G1), whichever way records come', () => {
  const makeTarget = targetsOn(defaultServer());

  test('an async iterable', async () => {
    const target = await makeTarget(KEYLESS);
    await target.load(oneATurn(generate(1000, record)), { batchSize: 300 });
    await expectEachOnce(target, 1000);
  });

  test('insert() called many times before the first of them resolved', async () => {
    const target = await makeTarget(KEYLESS);
    await using processor = await target.open({ batchSize: 250 });
    const calls = Array.from({ length: 20 }, (_, call) => {
      const records = generate(100, (n) => record(100 * call + n));
      return processor.insert(call % 2 === 0 ? records : oneATurn(records));
    });
    await Promise.all(calls);
    await processor.flush();
    await expectEachOnce(target, 2000);
    await processor.shutdown();
  });

  test('a pipeline into writable(), imported when the pipeline ends', async () => {
    const target = await makeTarget(KEYLESS);
    await using processor = await target.open({ batchSize: 700 });
    await pipeline(Readable.from(generate(3000, record)), processor.writable());
    await expectEachOnce(target, 3000);
    await processor.shutdown();
  });

  test('several flushes, two in a row, and two at a time', async () => {
    const target = await makeTarget(KEYLESS);
    await using processor = await target.open({ batchSize: 1000 });
    for (const round of [0, 1, 2]) {
      await processor.insert(generate(40, (n) => record(40 * round + n)));
      await processor.flush();
      await expectEachOnce(target, 40 * (round + 1));
    }
    await processor.flush();
    await processor.insert(generate(5, (n) => record(120 + n)));
    await Promise.all([processor.flush(), processor.flush()]);
    await expectEachOnce(target, 125);
    await processor.shutdown();
  });

  test('nothing at all is a load, too', async () => {
    const target = await makeTarget(KEYED);
    await using processor = await target.open();
    await processor.flush();
    await processor.insert([]);
    await processor.shutdown();
    expect(await target.count()).toBe(0);
    const checkpoint = await target.checkpoint(processor.processId);
    expect(checkpoint).toMatchObject({ status: 'COMPLETED', files_total: 0, file_details: [] });
  });
});

describe('exactly once (G1), whenever files are closed', () => {
  const makeTarget = targetsOn(defaultServer());

  test('by their bytes', async () => {
    const target = await makeTarget('id int, v text');
    await using processor = await target.open({ maxFileBytes: 1024 * 1024 });
    const long = (n: number) => ({ id: n, v: `${n}`.padEnd(1000, '-') });
    await processor.insert(generate(4000, long));
    await processor.shutdown();
    const files = await target.files(processor.processId);
    expect(files).toHaveLength(4);
    expect(await target.count()).toBe(4000);
    expect(await target.rows('count(distinct v)::int as n')).toEqual([{ n: 4000 }]);
  });

  test('by their parts: a file of several multipart parts', async () => {
    const target = await makeTarget('id int, v text');
    const long = (n: number) => ({ id: n, v: `${n}`.padEnd(4000, 'é') });
    const processId = await target.load(generate(2000, long));
    expect(await target.files(processId)).toHaveLength(1);
    expect(
      await target.rows('count(distinct v)::int as n, sum(octet_length(v))::int as bytes'),
    ).toEqual([{ n: 2000, bytes: 2000 * 8000 - expectedDigits(2000) }]);
  });

  test('by their age: records that trickle in arrive without a flush', async () => {
    const target = await makeTarget(KEYLESS);
    await using processor = await target.open({ fileWriteTimeoutSeconds: 0.2 });
    for (const n of [0, 1, 2]) {
      const imported = nextImport(processor);
      await processor.insert([record(n)]);
      expect((await imported).counts).toMatchObject({ records: 1, inserted: 1 });
      await expectEachOnce(target, n + 1);
    }
    await processor.shutdown();
    expect(await target.files(processor.processId)).toHaveLength(3);
  });
});

/** How many digits the numbers below `count` have: each stands for a character of one byte instead of two. */
function expectedDigits(count: number): number {
  let digits = 0;
  for (let n = 0; n < count; n++) digits += String(n).length;
  return digits;
}
