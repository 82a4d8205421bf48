// G5: `batchSize` and `maxFileBytes` hold for every file, however the records are handed over.

import { describe, expect, test } from 'vitest';
import type { InsertOptions } from '../../../src/bulk-processor.ts';
import { generate, type TestTarget, targetsOn } from '../../support/loading.ts';
import { defaultServer } from '../../support/stack.ts';
import { inputFile } from '../cli/relyt.ts';
import { relytOn, said } from '../cli/relyt-on.ts';

const MIB = 1024 * 1024;

async function largest(target: TestTarget, processId: string) {
  const [row] = await target.database.query<{ records: number; bytes: number; files: number }>(
    `select max(num_records)::int as records, max(num_bytes)::int as bytes, count(*)::int as files
     from relyt_sys.relyt_loader_file where process_id = $1`,
    [processId],
  );
  return row;
}

describe('the limits of a staged file (G5)', () => {
  const makeTarget = targetsOn(defaultServer());

  test.each<{ given: InsertOptions; columns: string; concurrency: number; files: number }>([
    { given: {}, columns: 'id int', concurrency: 1, files: 50 },
    { given: { position: 50_000 }, columns: 'id int', concurrency: 1, files: 50 },
    {
      given: { position: 50_000, lines: [...generate(50_000, (n) => n + 1)] },
      columns: 'id int',
      concurrency: 2,
      files: 50,
    },
    // Each lane has a file of its own, and all are closed together.
    { given: { position: 1 }, columns: 'id int primary key', concurrency: 3, files: 51 },
  ])('batchSize, with one insert() of 50,000 records: %j', async (way) => {
    const target = await makeTarget(`${way.columns}`);
    await using processor = await target.open({
      batchSize: 1_000,
      concurrency: way.concurrency,
    });
    await processor.insert(
      generate(50_000, (id) => ({ id })),
      way.given,
    );
    await processor.shutdown();
    const found = await largest(target, processor.processId);
    expect(found?.records).toBe(1_000);
    expect(found?.files).toBeGreaterThanOrEqual(way.files);
    expect(await target.count()).toBe(50_000);
  });

  test('maxFileBytes, up to one record, also of characters of several bytes, in each lane', async () => {
    const target = await makeTarget('id int primary key, v text');
    // About 300 bytes a record, but a third of it in code units: many of them are not yet encoded when they are counted.
    const records = generate(12_000, (id) => ({ id, v: '汉'.repeat(100) }));
    await using processor = await target.open({ maxFileBytes: MIB, concurrency: 2 });
    await processor.insert(records, { position: 'the end' });
    await processor.shutdown();
    const found = await largest(target, processor.processId);
    expect(found?.bytes).toBeGreaterThanOrEqual(MIB);
    expect(found?.bytes).toBeLessThan(MIB + 400);
    expect(await target.count()).toBe(12_000);
  });

  test.each([
    ['CSV', 'many.csv', `id\n${[...generate(40_000, (n) => `${n}\n`)].join('')}`],
    ['NDJSON', 'many.ndjson', [...generate(40_000, (n) => `{"id":${n}}\n`)].join('')],
  ])('batchSize, with relyt load of %s', async (_, name, content) => {
    const target = await makeTarget('id int');
    const args = ['--table', target.table, '--batch-size', '5000', '--json'];
    const loaded = await relytOn(target, 'load', inputFile(name, content), ...args);
    expect(loaded).toMatchObject({ code: 0 });
    expect(await largest(target, String(said(loaded).processId))).toMatchObject({
      records: 5_000,
      files: 8,
    });
    expect(await target.count()).toBe(40_000);
  });
});
