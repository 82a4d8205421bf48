// The bookkeeping of a long task: the thousandth file costs what the first ones did, and every row of it is right (G2).

import v8 from 'node:v8';
import vm from 'node:vm';
import { describe, expect, test } from 'vitest';
import type { BulkProcessor } from '../../../src/bulk-processor.ts';
import { type TestTarget, targetsOn } from '../../support/loading.ts';
import { defaultServer } from '../../support/stack.ts';

const FILES = 1000;
const SAMPLE = 100;
/** Connections and compiled code settle within these files. */
const WARM_UP = 20;
/** Far below what a kilobyte kept for each file, or a growing summary held in memory, would add up to. */
const HEAP_GROWTH_BYTES = 8_000_000;

v8.setFlagsFromString('--expose-gc');
const collectGarbage = vm.runInNewContext('gc') as () => void;

function liveHeapBytes(): number {
  collectGarbage();
  return process.memoryUsage().heapUsed;
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

/** One record to a file; returns the milliseconds that each file took, in the order of import. */
async function loadFiles(processor: BulkProcessor): Promise<number[]> {
  const milliseconds: number[] = [];
  let before = performance.now();
  processor.on('imported', ({ fileIds }) => {
    const now = performance.now();
    for (const _ of fileIds) milliseconds.push((now - before) / fileIds.length);
    before = now;
  });
  for (let id = 0; id < FILES; id++) await processor.insert([{ id, v: `value ${id}` }]);
  await processor.flush();
  return milliseconds;
}

/** What the guide tells operators to ask. */
async function expectSummary(target: TestTarget, processId: string): Promise<void> {
  const [summary] = await target.database.query(
    `select count(*)::int as files, count(distinct file ->> 'file_id')::int as ids,
            sum((file ->> 'num_records')::bigint)::int as records,
            count(*) filter (where file ->> 'status' = 'IMPORTED' and file ->> 'imported_at' is not null)::int as imported
     from relyt_sys.relyt_loader_checkpoint, jsonb_array_elements(file_details) as file
     where process_id = $1`,
    [processId],
  );
  expect(summary).toEqual({ files: FILES, ids: FILES, records: FILES, imported: FILES });
  expect(await target.checkpoint(processId)).toMatchObject({
    files_total: FILES,
    files_imported: FILES,
    error_records: 0,
  });
}

async function expectRows(target: TestTarget, processId: string): Promise<void> {
  const counts = 'count(*)::int as n, count(distinct id)::int as ids';
  expect(await target.rows(counts)).toEqual([{ n: FILES, ids: FILES }]);
  const files = await target.files(processId);
  expect(files.map((file) => file.file_id)).toEqual(Array.from({ length: FILES }, (_, n) => n + 1));
  const wrong = files.filter((file) => file.status !== 'IMPORTED' || file.num_records !== 1);
  expect(wrong).toEqual([]);
  const imports = await target.imports(processId);
  expect(imports.reduce((sum, row) => sum + row.rows_inserted, 0)).toBe(FILES);
}

describe('a task of a thousand files', () => {
  const makeTarget = targetsOn(defaultServer());

  // Times of a busy machine: one more try.
  test('G2: the last files cost what the first did, in time and memory', { retry: 1 }, async () => {
    const target = await makeTarget('id int, v text');
    await using processor = await target.open({ batchSize: 1, concurrency: 1 });
    const heapBefore = liveHeapBytes();
    const milliseconds = await loadFiles(processor);
    const heapGrowth = liveHeapBytes() - heapBefore;
    await expectSummary(target, processor.processId);
    await expectRows(target, processor.processId);
    await processor.shutdown();
    expect(milliseconds).toHaveLength(FILES);
    const first = median(milliseconds.slice(WARM_UP, WARM_UP + SAMPLE));
    const last = median(milliseconds.slice(-SAMPLE));
    expect(last / first).toBeLessThan(1.5);
    expect(heapGrowth).toBeLessThan(HEAP_GROWTH_BYTES);
  });
});
