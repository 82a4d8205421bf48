// Routing while loading, on every engine: each record lands in the table its group lives in, and the books are right.

import { describe, expect, test } from 'vitest';
import { describeEngines } from '../../support/engines-under-test.ts';
import { failureOf, type LoadOptions } from '../../support/loading.ts';
import { asRows, makeRouted, NOTHING, type RoutedTarget, tens } from './routed-target.ts';

const KEYED = 'id int primary key, group_id int, v text';
const SMALL_FILES: LoadOptions = { batchSize: 10, batchImportSize: 2 };

const later = (records: ReturnType<typeof tens>, v = 'second') =>
  records.map((record) => ({ ...record, v }));

describeEngines('routing of records (G2)', ({ makeTarget, engine }) => {
  test.each([
    ['with a key', 'id int primary key, group_id int, v text'],
    ['without a key', 'id int, group_id int, v text'],
    ['whose key holds the group', 'id int, group_id int, v text, primary key (group_id, id)'],
  ])('a table %s: new rows', async (_, columns) => {
    const routed = await makeRouted(makeTarget, columns, { groups: [3, 7] });
    const processId = await routed.target.load(tens(60), SMALL_FILES);
    await routed.expectRows(asRows(tens(60)));
    expect(await routed.counts(processId)).toEqual({ ...NOTHING, inserted: 60 });
  });

  test('without a key every record stays, equal ones too', async () => {
    const routed = await makeRouted(makeTarget, 'id int, group_id int, v text', { groups: [3] });
    const records = [...tens(20), ...tens(20)];
    await routed.target.load(records, SMALL_FILES);
    await routed.expectRows(asRows(records));
  });

  test("'update' changes rows in both tables, 'nothing' in none", async () => {
    const routed = await makeRouted(makeTarget, KEYED, { groups: [3, 7] });
    await routed.target.load(tens(40));
    const changes = later(tens(60));
    const skipped = await routed.target.load(changes, { ...SMALL_FILES, onConflict: 'nothing' });
    await routed.expectRows(asRows([...tens(40), ...later(tens(20, '', 40))]));
    expect(await routed.counts(skipped)).toEqual({ ...NOTHING, inserted: 20, skipped: 40 });
    const updated = await routed.target.load(later(changes, 'third'), SMALL_FILES);
    await routed.expectRows(asRows(later(changes, 'third')));
    expect(await routed.counts(updated)).toEqual({ ...NOTHING, updated: 60 });
  });

  test("'error' names a record whose key either table has (G8)", async () => {
    const routed = await makeRouted(makeTarget, KEYED, { groups: [7] });
    await routed.target.load(tens(10));
    for (const { id, group_id } of [
      { id: 7, group_id: 7 },
      { id: 7, group_id: 1 },
      { id: 1, group_id: 7 },
    ]) {
      await using processor = await routed.target.open({ onConflict: 'error' });
      await processor.insert([
        { id: 100, group_id: 7, v: 'x' },
        { id, group_id, v: 'x' },
      ]);
      const failure = await failureOf(processor.shutdown());
      expect(failure).toMatchObject({ code: 'DUPLICATE_KEY', details: { record: 2 } });
    }
    await routed.expectRows(asRows(tens(10)));
  });

  test('the last record of a key wins over both tables (G3)', async () => {
    const routed = await makeRouted(makeTarget, KEYED, { groups: [1, 3] });
    const records = Array.from({ length: 90 }, (_, n) => ({
      id: n % 9,
      group_id: n % 4,
      v: `${n}`,
    }));
    const processId = await routed.target.load(records, SMALL_FILES);
    await routed.expectRows(asRows(records.slice(-9)));
    const { inserted, updated, superseded } = await routed.counts(processId);
    expect([inserted, inserted + updated + superseded]).toEqual([9, 90]);
  });

  describe.each([
    ['in one file', {}],
    ['across files', { batchSize: 7 }],
    ['across imports and lanes', { batchSize: 7, batchImportSize: 1, concurrency: 4 }],
  ] satisfies [string, LoadOptions][])('a key that changes its group %s', (_, options) => {
    const wander = (n: number) => ({ id: n % 11, group_id: (n * 7) % 5, v: `record ${n}` });
    const records = Array.from({ length: 110 }, (_, n) => wander(n));

    test("stands where the last record says, with 'update'", async () => {
      const routed = await makeRouted(makeTarget, KEYED, { groups: [1, 2] });
      await routed.target.load(records.slice(0, 11));
      await routed.target.load(records.slice(11), options);
      await routed.expectRows(asRows(records.slice(-11)));
    });

    test("stands where the first record says, with 'nothing'", async () => {
      const routed = await makeRouted(makeTarget, KEYED, { groups: [1, 2] });
      await routed.target.load(records.slice(0, 6), { onConflict: 'nothing' });
      const processId = await routed.target.load(records, { ...options, onConflict: 'nothing' });
      await routed.expectRows(asRows(records.slice(0, 11)));
      const { inserted, skipped, superseded } = await routed.counts(processId);
      expect([inserted, skipped + superseded]).toEqual([5, 105]);
    });
  });

  test('a row that is brought home keeps the columns that are not staged', async () => {
    const routed = await makeRouted(makeTarget, `${KEYED}, kept text default 'new'`, {
      groups: [7],
    });
    const given = (group_id: number | null, id: number) => ({
      id,
      group_id,
      v: 'a',
      kept: `${id}`,
    });
    await routed.target.load([given(7, 1), given(1, 2), given(null, 3), given(7, 4)]);
    const processId = await routed.target.load([
      { id: 1, group_id: 1, v: 'b' },
      { id: 2, group_id: 7, v: 'b' },
      { id: 3, group_id: 7, v: 'b' },
      { id: 5, group_id: 7, v: 'b' },
    ]);
    expect(await routed.main('id, group_id, v, kept')).toEqual([
      { id: 1, group_id: 1, v: 'b', kept: '1' },
    ]);
    expect(await routed.moved('id, group_id, v, kept')).toEqual([
      { id: 2, group_id: 7, v: 'b', kept: '2' },
      { id: 3, group_id: 7, v: 'b', kept: '3' },
      { id: 4, group_id: 7, v: 'a', kept: '4' },
      { id: 5, group_id: 7, v: 'b', kept: 'new' },
    ]);
    expect(await routed.counts(processId)).toEqual({ ...NOTHING, updated: 3, inserted: 1 });
  });

  test('a record without a group stays in the main table, and leaves the auxiliary one', async () => {
    const routed = await makeRouted(makeTarget, KEYED, { groups: [7] });
    await routed.query(`alter table ${routed.auxiliary} alter group_id set not null`);
    const groups = (...given: (number | null)[]) =>
      given.map((group_id, id) => ({ id, group_id, v: `${group_id}` }));
    await routed.target.load(groups(null, 7, null, 7));
    await routed.expectRows(asRows(groups(null, 7, null, 7)));
    await routed.target.load(groups(7, null, null, 7));
    await routed.expectRows(asRows(groups(7, null, null, 7)));
  });

  test.each([
    ['int, routing_id bigint', 'int', 'bigint', [1, 2, -3]],
    ['bigint, routing_id text', 'bigint', 'text', ['9007199254740993', '2', '-3']],
    ['text', 'text', 'text', ["it's", ' blank ', 'ÄÖ']],
    ['char(5)', 'char(5)', 'text', ['ab', 'abcde', 'x']],
    ['uuid', 'uuid', 'text', [1, 2, 3].map((n) => `a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a1${n}`)],
    ['date', 'date', 'text', ['2026-01-01', '2026-02-28', '1999-12-31']],
    ['numeric', 'numeric(6,2)', 'text', ['1.50', '2.00', '-0.25']],
  ] as const)('groups of type %s', async (_, type, idType, groups) => {
    const columns = `id int primary key, group_id ${type}, v int check (v >= 0)`;
    const routed = await makeRouted(makeTarget, columns, { idType, groups: groups.slice(1) });
    const records = groups.flatMap((group_id, n) =>
      [0, 1, 2].map((m) => ({ id: n * 3 + m, group_id, v: m })),
    );
    await routed.target.load(records);
    // One that the database refuses: the records are read as text then, each with its own spelling.
    const bad = { id: 100, group_id: groups[0], v: -1 };
    await routed.target.load([...records.map((record) => ({ ...record, v: 9 })), bad], {
      maxErrorRecords: 1,
    });
    expect(await routed.ids()).toEqual({ main: [0, 1, 2], auxiliary: [3, 4, 5, 6, 7, 8] });
    expect(await valuesOf(routed)).toEqual([9]);
  });

  test('a group column that the auxiliary table calls otherwise', async () => {
    const group = { main: 'group_id', auxiliary: 'routing_id' };
    for (const key of ['id', 'group_id, id']) {
      const columns = `id int, group_id int, v text, primary key (${key})`;
      const routed = await makeRouted(makeTarget, columns, { groups: [3, 7], group });
      await routed.target.load(tens(30), SMALL_FILES);
      const moved = tens(30, 'second').map((record) => ({ ...record, group_id: record.id % 8 }));
      await routed.target.load(key === 'id' ? moved : later(tens(30)), SMALL_FILES);
      await routed.expectRows(asRows(key === 'id' ? moved : later(tens(30))));
    }
  });

  test('a group column of another name, which the caller names', async () => {
    const group = { main: 'Tenant', auxiliary: 'Tenant' };
    const columns = 'id int primary key, "Tenant" text, v text';
    const routed = await makeRouted(makeTarget, columns, { groups: ['b'], group });
    const records = ['a', 'b', 'c'].map((Tenant, id) => ({ id, Tenant, v: 'x' }));
    const failure = await failureOf(routed.target.load(records));
    expect(failure).toMatchObject({
      code: 'ROUTING_INVALID',
      details: { table: expect.any(String) },
    });
    await routed.target.load(records, { groupColumn: 'Tenant' });
    expect(await routed.ids()).toEqual({ main: [0, 2], auxiliary: [1] });
  });

  test('records without the column of the group are refused (G8)', async () => {
    const routed = await makeRouted(makeTarget, KEYED, { groups: [7] });
    const failure = await failureOf(
      routed.target.load([{ id: 1, v: 'x' }], { columns: ['id', 'v'] }),
    );
    expect(failure).toMatchObject({ code: 'ROUTING_INVALID', details: { column: 'group_id' } });
    expect(failure.hint).toContain('group_id');
    await routed.expectRows([]);
  });

  test('an empty routing table asks for no group', async () => {
    const routed = await makeRouted(makeTarget, KEYED);
    await routed.target.load([{ id: 1, v: 'x' }], { columns: ['id', 'v'] });
    await routed.expectRows([{ id: 1, v: 'x', group: null }]);
  });

  test.runIf(engine.name !== 'greenplum')('identity and generated columns', async () => {
    const columns = `id int generated always as identity primary key, group_id int, v text,
      twice int generated always as (group_id * 2) stored`;
    const routed = await makeRouted(makeTarget, columns, { groups: [7] });
    await routed.target.load(tens(20));
    const changed = tens(20, 'second').map((record) => ({
      ...record,
      group_id: 9 - record.group_id,
    }));
    await routed.target.load(changed);
    await routed.expectRows(asRows(changed));
    expect(await routed.moved('distinct twice')).toEqual([{ twice: 14 }]);
  });
});

async function valuesOf(routed: RoutedTarget): Promise<number[]> {
  const all = [
    ...(await routed.main<{ v: number }>('v')),
    ...(await routed.moved<{ v: number }>('v')),
  ];
  return [...new Set(all.map(({ v }) => v))];
}
