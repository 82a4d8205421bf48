// G3 on every engine: which record of a key wins, what an update leaves alone, and counts that tell it (G2).

import { describe, expect, test } from 'vitest';
import { describeEngines } from '../../support/engines-under-test.ts';
import { failureOf, type LoadOptions, type TestTarget } from '../../support/loading.ts';

/** 210 records over 7 keys; each value is the number of its record. */
const DUPLICATES = Array.from({ length: 210 }, (_, n) => ({ id: n % 7, v: n }));
const LAST = [203, 204, 205, 206, 207, 208, 209];
const FIRST = [0, 1, 2, 3, 4, 5, 6];

async function values(target: TestTarget): Promise<number[]> {
  return (await target.rows<{ v: number }>('v', 'v')).map((row) => row.v);
}

async function countsOf(target: TestTarget, processId: string) {
  return (await target.imports(processId)).map((one) => ({
    inserted: one.rows_inserted,
    updated: one.rows_updated,
    skipped: one.rows_skipped,
    superseded: one.rows_superseded,
  }));
}

describeEngines('who wins a key (G3)', ({ makeTarget }) => {
  describe.each([
    ['in one file', { batchSize: 1000 }],
    ['across files of an import', { batchSize: 50 }],
    ['across imports and lanes', { batchSize: 10, batchImportSize: 1, concurrency: 4 }],
  ] satisfies [string, LoadOptions][])('%s', (_, options) => {
    test("the last record with 'update'", async () => {
      const target = await makeTarget('id bigint primary key, v int');
      await target.load(DUPLICATES, options);
      expect(await values(target)).toEqual(LAST);
    });

    test("the first record with 'nothing'", async () => {
      const target = await makeTarget('id text primary key, v int');
      await target.load(DUPLICATES, { ...options, onConflict: 'nothing' });
      expect(await values(target)).toEqual(FIRST);
    });
  });

  test('by a key of two columns, whose parts alone are no key', async () => {
    const target = await makeTarget('a int, b text, v int, primary key (b, a)');
    const records = Array.from({ length: 200 }, (_, v) => ({ a: v % 3, b: `b${v % 5}`, v }));
    await target.load(records, { batchSize: 20, concurrency: 4 });
    expect(await values(target)).toEqual(Array.from({ length: 15 }, (_, n) => 185 + n));
  });

  test('by the value of the key, however it is written', async () => {
    const target = await makeTarget('id numeric primary key, v int');
    const spellings = ['7', 7, '7.0', '7.00', '0.7e1'];
    const records = Array.from({ length: 60 }, (_, v) => ({ id: spellings[v % 5], v }));
    await target.load(records, { batchSize: 10, concurrency: 4, batchImportSize: 2 });
    expect(await values(target)).toEqual([59]);
  });

  test('in a table of nothing but its key', async () => {
    const target = await makeTarget('id int primary key');
    const first = await target.load([1, 2, 2, 3].map((id) => ({ id })));
    const second = await target.load([3, 3, 4].map((id) => ({ id })));
    expect(await target.rows()).toEqual([1, 2, 3, 4].map((id) => ({ id })));
    const nothing = { inserted: 0, updated: 0, skipped: 0, superseded: 0 };
    expect(await countsOf(target, first)).toEqual([{ ...nothing, inserted: 3, superseded: 1 }]);
    expect(await countsOf(target, second)).toEqual([
      { ...nothing, inserted: 1, updated: 1, superseded: 1 },
    ]);
  });
});

describeEngines('rows that were there before (G2, G3)', ({ makeTarget }) => {
  const COLUMNS = "id int primary key, v text, kept text default 'new'";
  const prepared = async () => {
    const target = await makeTarget(COLUMNS);
    await target.load([1, 2, 3].map((id) => ({ id, v: 'before', kept: 'mine' })));
    return target;
  };
  const CHANGES = [2, 3, 3, 4].map((id, n) => ({ id, v: `change ${n}` }));
  const nothing = { inserted: 0, updated: 0, skipped: 0, superseded: 0 };

  test('an update sets the columns given and leaves the others alone', async () => {
    const target = await prepared();
    const processId = await target.load(CHANGES);
    expect(await target.rows()).toEqual([
      { id: 1, v: 'before', kept: 'mine' },
      { id: 2, v: 'change 0', kept: 'mine' },
      { id: 3, v: 'change 2', kept: 'mine' },
      { id: 4, v: 'change 3', kept: 'new' },
    ]);
    expect(await countsOf(target, processId)).toEqual([
      { ...nothing, inserted: 1, updated: 2, superseded: 1 },
    ]);
  });

  test("'nothing' leaves the rows alone", async () => {
    const target = await prepared();
    const processId = await target.load(CHANGES, { onConflict: 'nothing' });
    expect(await target.rows('id, v, kept')).toEqual([
      { id: 1, v: 'before', kept: 'mine' },
      { id: 2, v: 'before', kept: 'mine' },
      { id: 3, v: 'before', kept: 'mine' },
      { id: 4, v: 'change 3', kept: 'new' },
    ]);
    expect(await countsOf(target, processId)).toEqual([
      { ...nothing, inserted: 1, skipped: 2, superseded: 1 },
    ]);
  });

  test("'error' names the record, and nothing of the import stays (G8)", async () => {
    const target = await prepared();
    await using processor = await target.open({ onConflict: 'error' });
    await processor.insert([5, 6, 2, 7].map((id) => ({ id, v: 'new' })));
    const failure = await failureOf(processor.shutdown());
    expect(failure.code).toBe('DUPLICATE_KEY');
    expect(failure.details).toMatchObject({ record: 3, table: `public.${target.table}` });
    expect(await target.rows('id')).toEqual([{ id: 1 }, { id: 2 }, { id: 3 }]);
  });

  test("'error' refuses a key that comes twice in one file, too", async () => {
    const target = await makeTarget('id int primary key, v text');
    await using processor = await target.open({ onConflict: 'error', maxErrorRecords: 1 });
    await processor.insert([1, 2, 1].map((id, n) => ({ id, v: `record ${n}` })));
    await processor.shutdown();
    expect(await target.rows()).toEqual([
      { id: 1, v: 'record 0' },
      { id: 2, v: 'record 1' },
    ]);
    expect(processor.progress().rows).toMatchObject({ inserted: 2, rejected: 1 });
  });
});
