// G5: `batchSize` and `maxFileBytes` hold for every file, however the records are handed over.

import { describe, expect, test } from 'vitest';
import type { InsertOptions } from '../../../src/task/insert-options.ts';
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

  const LINES = [...generate(50_000, (n) => n + 1)];
  const WAYS: Readonly<
    Record<string, { options: InsertOptions; key?: string; concurrency: number }>
  > = {
    'without a position': { options: {}, concurrency: 1 },
    'with a position': { options: { position: 50_000 }, concurrency: 1 },
    'with position and lines': { options: { position: 'end', lines: LINES }, concurrency: 2 },
    // Each lane has a file of its own, and all are closed together.
    'in lanes': { options: { position: 50_000 }, key: 'primary key', concurrency: 3 },
  };

  test.each(Object.keys(WAYS))(
    'batchSize, with one insert() of 50,000 records, %s',
    async (name) => {
      const { options = {}, key = '', concurrency } = WAYS[name] ?? {};
      const target = await makeTarget(`id int ${key}`);
      await using processor = await target.open({
        batchSize: 1_000,
        batchImportSize: 30,
        concurrency,
      });
      const records = generate(50_000, (id) => ({ id }));
      await processor.insert(records, options);
      await processor.shutdown();
      const found = await largest(target, processor.processId);
      expect(found?.records).toBe(1_000);
      expect(found?.files).toBeGreaterThanOrEqual(50);
      expect(await target.count()).toBe(50_000);
    },
  );

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
