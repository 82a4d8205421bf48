// Two tasks load one table at the same time: each accounts for its own records and files only (G1, G2, G7).

import { describe, expect, test } from 'vitest';
import type { BulkProcessor } from '../../../src/bulk-processor.ts';
import { listKeys } from '../../support/bucket.ts';
import { generate, type LoadOptions, type TestTarget, targetsOn } from '../../support/loading.ts';
import { newestServers } from '../../support/stack.ts';

const COUNT = 600;
const OPTIONS = { batchSize: 50, batchImportSize: 2, concurrency: 2, cleanup: 'never' } as const;

type Writer = 'a' | 'b';
const recordsOf = (writer: Writer, from: number) =>
  generate(COUNT, (n) => ({ id: from + n, writer, n }));

/** Records of both in small turns, so that files and imports of both are under way at any time. */
async function insertBoth(
  inserts: readonly { readonly processor: BulkProcessor; readonly records: Iterable<unknown> }[],
): Promise<void> {
  await Promise.all(
    inserts.map(async ({ processor, records }) => {
      await processor.insert(records);
      await processor.shutdown();
    }),
  );
}

/** Loads two series of ids at once; returns the ids of the tasks. */
async function loadBoth(
  target: TestTarget,
  from: { readonly a: number; readonly b: number },
  options: LoadOptions = OPTIONS,
): Promise<[string, string]> {
  await using a = await target.open(options);
  await using b = await target.open(options);
  const overlap = watchOverlap(a, b);
  // Neither gets ahead before both have files waiting.
  const lock = await target.lock();
  const loaded = insertBoth([
    { processor: a, records: recordsOf('a', from.a) },
    { processor: b, records: recordsOf('b', from.b) },
  ]);
  try {
    await Promise.race([overlap.bothStaged, loaded]);
  } finally {
    await lock.release();
  }
  await loaded;
  return [a.processId, b.processId];
}

function watchOverlap(...processors: BulkProcessor[]): { readonly bothStaged: Promise<unknown> } {
  const staged = processors.map(
    (processor) => new Promise<void>((resolve) => processor.on('fileFrozen', () => resolve())),
  );
  return { bothStaged: Promise.all(staged) };
}

/** Rows, files, imports, checkpoint and objects of a task speak of its own records and nothing else. */
async function expectOwnBooks(target: TestTarget, processId: string): Promise<void> {
  const files = await target.files(processId);
  const sum = (counts: readonly number[]) => counts.reduce((total, count) => total + count, 0);
  expect(sum(files.map((file) => file.num_records))).toBe(COUNT);
  expect(new Set(files.map((file) => file.status))).toEqual(new Set(['IMPORTED']));
  expect(files.map((file) => file.file_id)).toEqual([...generate(files.length, (n) => n + 1)]);
  const imports = await target.imports(processId);
  expect(sum(imports.map((row) => row.num_records))).toBe(COUNT);
  expect(await target.checkpoint(processId)).toMatchObject({
    status: 'COMPLETED',
    files_total: files.length,
    files_imported: files.length,
    error_records: 0,
  });
  const staged = await listKeys(target.prefix);
  const own = staged.filter((key) => key.includes(`/${processId}/`));
  expect(own.toSorted()).toEqual(files.map((file) => file.s3_key).toSorted());
}

const inserted = async (target: TestTarget, processId: string) =>
  (await target.imports(processId)).reduce((total, row) => total + row.rows_inserted, 0);
const updated = async (target: TestTarget, processId: string) =>
  (await target.imports(processId)).reduce((total, row) => total + row.rows_updated, 0);

describe.each(newestServers())('two tasks into one table on $name', (server) => {
  const makeTarget = targetsOn(server);

  test('G1: disjoint keys: all of both, each with its own books', async () => {
    const target = await makeTarget('id int primary key, writer text, n int');
    const [a, b] = await loadBoth(target, { a: 0, b: COUNT });
    expect(await target.rows('id, writer, n')).toEqual([
      ...recordsOf('a', 0),
      ...recordsOf('b', COUNT),
    ]);
    await expectOwnBooks(target, a);
    await expectOwnBooks(target, b);
    expect(await inserted(target, a)).toBe(COUNT);
    expect(await inserted(target, b)).toBe(COUNT);
  });

  test('G1, G2: the same keys with update: each key once, a whole record of one or the other', async () => {
    const target = await makeTarget('id int primary key, writer text, n int');
    const [a, b] = await loadBoth(target, { a: 0, b: 0 });
    const rows = await target.rows<{ id: number; writer: string; n: number }>('id, writer, n');
    expect(rows.map(({ id, n }) => [id, n])).toEqual([...generate(COUNT, (n) => [n, n])]);
    expect(rows.filter(({ writer }) => writer !== 'a' && writer !== 'b')).toEqual([]);
    await expectOwnBooks(target, a);
    await expectOwnBooks(target, b);
    // Every key was inserted by one task and updated by the other.
    expect((await inserted(target, a)) + (await inserted(target, b))).toBe(COUNT);
    expect((await updated(target, a)) + (await updated(target, b))).toBe(COUNT);
  });

  test('G1, G2: the same keys with nothing: the second of each key is counted as skipped', async () => {
    const target = await makeTarget('id int primary key, writer text, n int');
    const [a, b] = await loadBoth(target, { a: 0, b: 0 }, { ...OPTIONS, onConflict: 'nothing' });
    expect(await target.count()).toBe(COUNT);
    await expectOwnBooks(target, a);
    await expectOwnBooks(target, b);
    for (const [processId, writer] of [
      [a, 'a'],
      [b, 'b'],
    ] as const) {
      const kept = await target.rows(`count(*) filter (where writer = '${writer}')::int as kept`);
      expect(kept).toEqual([{ kept: await inserted(target, processId) }]);
    }
  });

  test('G1: without a key: every record of both', async () => {
    const target = await makeTarget('id int, writer text, n int');
    const [a, b] = await loadBoth(target, { a: 0, b: 0 });
    const counts = 'writer, count(*)::int as n, count(distinct id)::int as ids';
    const each = await target.database.query(
      `select ${counts} from ${target.sql} group by writer order by writer`,
    );
    expect(each).toEqual([
      { writer: 'a', n: COUNT, ids: COUNT },
      { writer: 'b', n: COUNT, ids: COUNT },
    ]);
    await expectOwnBooks(target, a);
    await expectOwnBooks(target, b);
  });

  test('G7: an abort of one task leaves the files of the other alone', async () => {
    const target = await makeTarget('id int, writer text, n int');
    await using a = await target.open(OPTIONS);
    await using b = await target.open(OPTIONS);
    const lock = await target.lock();
    const { bothStaged } = watchOverlap(a, b);
    // Both wait for the lock sooner or later: so many files are not allowed to pile up.
    const aborted = expect(a.insert(recordsOf('a', 0))).rejects.toMatchObject({ code: 'ABORTED' });
    const others = b.insert(recordsOf('b', 0));
    try {
      await bothStaged;
      await a.abort();
      await aborted;
    } finally {
      await lock.release();
    }
    await others;
    await b.shutdown();
    expect(await target.rows('distinct writer')).toEqual([{ writer: 'b' }]);
    expect(await target.count()).toBe(COUNT);
    await expectOwnBooks(target, b.processId);
    expect(await target.checkpoint(a.processId)).toMatchObject({ status: 'CANCELLED' });
    const left = await listKeys(target.prefix);
    expect(left.filter((key) => key.includes(`/${a.processId}/`))).toEqual([]);
  });
});
