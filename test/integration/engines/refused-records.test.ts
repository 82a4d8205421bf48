// G2 and G8 on every engine: records that the database refuses are isolated, kept with the reason, and counted.

import { describe, expect, test } from 'vitest';
import type { BulkProcessor } from '../../../src/bulk-processor.ts';
import { describeEngines } from '../../support/engines-under-test.ts';
import { failureOf, generate, type TestTarget } from '../../support/loading.ts';

/** What only the database can tell: the loader knows neither the syntax of `inet` nor constraints. */
const COLUMNS = `id int, host inet, small int check (small <> 13), code varchar(3), filled text, day date`;
const good = (id: number) => ({ id, host: '10.0.0.1', small: 1, code: 'abc', filled: 'x' });

interface Refusal {
  readonly change: Record<string, unknown>;
  readonly stage: 'encode' | 'import';
  readonly code: string;
  readonly column: string | null;
}

const REFUSALS: Readonly<Record<string, Refusal>> = {
  'text that is no value of its type': {
    change: { host: 'nowhere' },
    stage: 'import',
    code: '22P02',
    column: 'host',
  },
  'NULL in a NOT NULL column': {
    change: { filled: null },
    stage: 'import',
    code: '23502',
    column: 'filled',
  },
  'a value that a CHECK refuses': {
    change: { small: 13 },
    stage: 'import',
    code: '23514',
    column: null,
  },
  'a value the loader itself refuses': {
    change: { small: 'many' },
    stage: 'encode',
    code: 'RECORD_INVALID',
    column: 'small',
  },
};

/** With a constraint that comes when the loader has read the columns already. */
async function opened(target: TestTarget, maxErrorRecords: number): Promise<BulkProcessor> {
  const processor = await target.open({ maxErrorRecords, batchSize: 20 });
  await target.database.query(`alter table ${target.sql} alter column filled set not null`);
  return processor;
}

function rejectsOf(target: TestTarget, processId: string) {
  return target.database.query<{ ordinal: number; reason: string; record: { id: number } }>(
    `select record_ordinal::int as ordinal, stage, code, column_name as "column", reason, record
     from relyt_sys.relyt_loader_reject where process_id = $1 order by 1`,
    [processId],
  );
}

describeEngines('records that are refused (G2, G8)', ({ makeTarget }) => {
  test('a long one is kept without its values', async () => {
    const target = await makeTarget('id int, v text check (octet_length(v) < 1000000)');
    await using processor = await target.open({ maxErrorRecords: 2 });
    const long = 'x'.repeat(1024 * 1024);
    const short = 'x'.repeat(1_000_000);
    await processor.insert([long, 'good', short].map((v, n) => ({ id: n + 1, v })));
    await processor.shutdown();
    expect(await target.count()).toBe(1);
    expect(await rejectsOf(target, processor.processId)).toEqual([
      expect.objectContaining({
        ordinal: 1,
        record: null,
        reason: expect.stringMatching(/ \(The record has more than 1 MiB, so it is not kept\.\)$/),
      }),
      expect.objectContaining({ ordinal: 3, record: { id: '3', v: short } }),
    ]);
  });

  test('so many are tolerated: each is kept with its reason, all others arrive', async () => {
    const target = await makeTarget(COLUMNS);
    await using processor = await opened(target, 10);
    const kinds = Object.values(REFUSALS);
    const records = [...generate(60, good)].map((record) =>
      record.id % 15 === 7 ? { ...record, ...kinds[(record.id - 7) / 15]?.change } : record,
    );
    await processor.insert(records);
    await processor.shutdown();
    const ids = (await target.rows<{ id: number }>('id')).map(({ id }) => id);
    expect(ids).toEqual(records.map(({ id }) => id).filter((id) => id % 15 !== 7));
    const kept = await rejectsOf(target, processor.processId);
    expect(kept.map(({ record, reason, ...rest }) => ({ ...rest, id: Number(record.id) }))).toEqual(
      kinds.map(({ stage, code, column }, n) => {
        const id = 15 * n + 7;
        return { ordinal: id + 1, stage, code, column, id };
      }),
    );
    for (const { reason } of kept) expect(reason).not.toMatch(/seg\d|pid=|accessid|127\.0\.0\.1:/);
    expect(processor.progress().rows).toMatchObject({ inserted: 56, rejected: 3 });
    expect(await target.checkpoint(processor.processId)).toMatchObject({
      status: 'COMPLETED',
      error_records: 4,
    });
  });

  test.each(Object.entries(REFUSALS))('none is tolerated: %s is named', async (_, refusal) => {
    const target = await makeTarget(COLUMNS);
    await using processor = await opened(target, 0);
    const load = async () => {
      await processor.insert([good(1), { ...good(2), ...refusal.change }, good(3)]);
      await processor.shutdown();
    };
    const failure = await failureOf(load());
    expect(failure.code).toMatch(
      refusal.stage === 'import' ? /^IMPORT_REFUSED$/ : /^RECORD_INVALID$/,
    );
    expect(failure.details).toMatchObject({ record: 2, processId: processor.processId });
    expect(failure.details.column ?? null).toBe(refusal.column);
    expect(failure.message).not.toMatch(/seg\d|pid=|accessid/);
    await failureOf(processor.shutdown());
    expect(await target.count()).toBe(0);
  });

  test('one more than tolerated: the import is rolled back, the first of it is named', async () => {
    const target = await makeTarget(COLUMNS);
    await using processor = await opened(target, 2);
    const bad = (id: number) => ({ ...good(id), host: `nowhere ${id}` });
    await processor.insert([good(1), bad(2), good(3), bad(4), good(5), bad(6)]);
    const failure = await failureOf(processor.shutdown());
    expect(failure.code).toBe('REJECT_LIMIT_EXCEEDED');
    expect(failure.message).toMatch(/nowhere 2/);
    expect(failure.details).toMatchObject({ record: 2, column: 'host', sqlstate: '22P02' });
    expect(await target.count()).toBe(0);
    expect(await rejectsOf(target, processor.processId)).toEqual([]);
  });
});

/** What each column is given in a record of its own; alone, NULL would be refused by half of the others. */
const BLAMED = {
  left: { value: -1, code: '23514' },
  host: { value: 'nowhere', code: '22P02' },
  'a "pair"': { value: '(1,many)', code: '22P02' },
  cut: { value: 'abc', code: '22001' },
  bits: { value: '101', code: '22001' },
  filled: { value: null, code: '23502' },
  right: { value: -1, code: '23514' },
};

describeEngines('the column of a refused value (G8)', ({ makeTarget }) => {
  test('is the one that has it, whatever columns stand beside it', async () => {
    const target = await makeTarget(
      `id int, "left" above_zero, host inet, "a ""pair""" pair, cut varchar(3), bits varbit(3), filled word, "right" above_zero`,
      {
        before: `create domain positive as int check (value > 0);
          create domain above_zero as positive not null;
          create domain word as text;
          create type pair as (a int, b int)`,
      },
    );
    await using processor = await target.open({ maxErrorRecords: 10 });
    // The loader knows the columns as they were, and lets through what they no longer take.
    await target.database.query(
      `alter table ${target.sql} alter cut type varchar(2), alter bits type varbit(2)`,
    );
    await target.database.query('alter domain word set not null');
    const fits = { host: '::1', 'a "pair"': '(1,2)', cut: 'ab', bits: '10', filled: 'x' };
    const refused = Object.entries(BLAMED);
    await processor.insert(
      refused.map(([column, { value }], id) => ({
        id,
        left: 1,
        ...fits,
        right: 1,
        [column]: value,
      })),
    );
    await processor.shutdown();
    expect(await rejectsOf(target, processor.processId)).toMatchObject(
      refused.map(([column, { code }], n) => ({ ordinal: n + 1, column, code })),
    );
    expect(await target.count()).toBe(0);
  });
});

describeEngines('records that meet others (G2, G3)', ({ makeTarget }) => {
  test('a unique constraint refuses the later one', async () => {
    const target = await makeTarget('code text unique, v int');
    const codes = ['a', 'b', 'a', 'c', 'b', 'a'];
    const processId = await target.load(
      codes.map((code, v) => ({ code, v })),
      { maxErrorRecords: 3 },
    );
    expect(await target.rows()).toEqual([
      { code: 'a', v: 0 },
      { code: 'b', v: 1 },
      { code: 'c', v: 3 },
    ]);
    const kept = await rejectsOf(target, processId);
    expect(kept).toMatchObject([3, 5, 6].map((ordinal) => ({ ordinal, code: '23505' })));
  });

  describe.each([
    ['update', [50, 61, 62, 63, 64]],
    ['nothing', [0, 1, 2, 3, 4]],
  ] as const)("onConflict '%s'", (onConflict, winners) => {
    test('a bad record wins no key; the order of the others stays', async () => {
      const target = await makeTarget('id int primary key, v int check (v <> 60)');
      const records = Array.from({ length: 65 }, (_, v) => ({ id: v % 5, v }));
      // Nothing of key 0 comes between 50 and the bad 60.
      const given = records.filter(({ v }) => v !== 55);
      const processId = await target.load(given, {
        onConflict,
        maxErrorRecords: 5,
        batchSize: 30,
        batchImportSize: 1,
      });
      expect((await target.rows<{ v: number }>('v', 'v')).map(({ v }) => v)).toEqual(winners);
      const kept = await rejectsOf(target, processId);
      expect(kept.map(({ ordinal }) => ordinal)).toEqual(onConflict === 'update' ? [60] : []);
    });
  });
});
