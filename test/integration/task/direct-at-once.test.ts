// G1, G2 and G5 of imports from memory that run at the same time: they commit in the order of their records.

import { describe, expect, onTestFinished, test } from 'vitest';
import { BulkProcessor } from '../../../src/bulk-processor.ts';
import { armFailpoint } from '../../../src/failpoints.ts';
import { deferred } from '../../support/deferred.ts';
import { failAt } from '../../support/fail-at.ts';
import {
  failureOf,
  generate,
  type LoadOptions,
  type TestTarget,
  targetsOn,
} from '../../support/loading.ts';
import { defaultServer } from '../../support/stack.ts';

const makeTarget = targetsOn(defaultServer());
const COLUMNS = 'id int, v text';
const OPTIONS: LoadOptions = {
  engine: 'direct',
  batchSize: 10,
  concurrency: 3,
  maxErrorRecords: 100,
};

/** The first import stands still before it writes, until it is released. Counts the others, and the most that run at once. */
function firstHeld() {
  const released = deferred();
  let begun = 0;
  let running = 0;
  let most = 0;
  const disarm = [
    armFailpoint('external-created', async () => {
      most = Math.max(most, ++running);
      if (++begun === 1) await released.promise;
    }),
    armFailpoint('committed', async () => {
      running--;
    }),
  ];
  onTestFinished(() => {
    released.resolve();
    for (const one of disarm) one();
  });
  return { release: () => released.resolve(), others: () => begun - 1, most: () => most };
}

const given = (from: number, to: number) =>
  generate(to - from, (n) => ({ id: (from + n) % 9 === 4 ? 'none' : from + n, v: 'x' }));

interface Safe {
  readonly last: number;
  /** Up to the last ordinal: a task that fails keeps those of later records as well. */
  readonly rejects: number;
}

async function safe(target: TestTarget, processId: string): Promise<Safe> {
  const [row] = await target.database.query<Safe & object>(
    `select t.last_ordinal::int as last, (
       select count(*)::int from relyt_sys.relyt_loader_reject r
       where r.process_id = t.process_id and r.record_ordinal <= t.last_ordinal) as rejects
     from relyt_sys.relyt_loader_task t where t.process_id = $1`,
    [processId],
  );
  if (row === undefined) throw new Error('the task is not there');
  return row;
}

/** What has to hold at any moment: every record up to the last ordinal is there or rejected, and no other. */
async function expectPrefix(target: TestTarget, processId: string): Promise<number> {
  const { last, rejects } = await safe(target, processId);
  expect((await target.count()) + rejects).toBe(last);
  return last;
}

describe('imports from memory at the same time', () => {
  test('write side by side, and none is committed before the one before it (G1)', async () => {
    const target = await makeTarget(COLUMNS);
    const held = firstHeld();
    await using processor = await BulkProcessor.create(target.config(OPTIONS));
    const inserted = processor.insert(given(0, 200), { position: 200 });
    await expect.poll(held.others).toBeGreaterThanOrEqual(2);
    expect(await expectPrefix(target, processor.processId)).toBe(0);
    held.release();
    await inserted;
    await processor.shutdown();
    expect(held.most()).toBe(3);
    expect(await expectPrefix(target, processor.processId)).toBe(200);
    expect(await safe(target, processor.processId)).toEqual({ last: 200, rejects: 22 });
    expect(await target.rows('count(*)::int as n, count(distinct id)::int as ids')).toEqual([
      { n: 178, ids: 178 },
    ]);
  });

  test('let go of what they hold, when the one before them takes long, and lose nothing (G1)', async () => {
    const target = await makeTarget(COLUMNS);
    const held = firstHeld();
    await using processor = await BulkProcessor.create(target.config(OPTIONS));
    const inserted = processor.insert(given(0, 60));
    await expect.poll(held.others).toBeGreaterThanOrEqual(2);
    const waiting = async () => {
      const [row] = await target.database.query<{ n: number }>(
        `select count(*)::int as n from pg_locks where relation = $1::regclass`,
        [target.sql],
      );
      return row?.n;
    };
    await expect.poll(waiting).toBe(1);
    held.release();
    await inserted;
    await processor.shutdown();
    expect(await expectPrefix(target, processor.processId)).toBe(60);
  });

  test('are all undone behind one that fails, and a resume replays them (G1)', async () => {
    const target = await makeTarget(COLUMNS);
    failAt('before-commit', { hit: 3 });
    await using first = await BulkProcessor.create(target.config(OPTIONS));
    const loading = async () => {
      for (let at = 0; at < 200; at += 20)
        await first.insert(given(at, at + 20), { position: at + 20 });
      await first.shutdown();
    };
    await failureOf(loading());
    expect(await expectPrefix(target, first.processId)).toBeGreaterThanOrEqual(20);
    await using again = await BulkProcessor.resume(first.processId, target.config(OPTIONS));
    for (let at = Number(again.position ?? 0); at < 200; at += 20)
      await again.insert(given(at, at + 20), { position: at + 20 });
    await again.shutdown();
    expect(await expectPrefix(target, first.processId)).toBe(200);
  });

  test('are isolated in their turn, when the table refuses a record (G2)', async () => {
    const target = await makeTarget(`${COLUMNS} check (v <> 'bad')`);
    await using processor = await BulkProcessor.create(target.config(OPTIONS));
    await processor.insert(generate(300, (n) => ({ id: n, v: n % 50 === 7 ? 'bad' : 'good' })));
    await processor.shutdown();
    expect(await target.count()).toBe(294);
    expect(await expectPrefix(target, processor.processId)).toBe(300);
  });

  test.each([
    [
      'a trigger',
      COLUMNS,
      [
        `create or replace function passing() returns trigger language plpgsql as $$ begin return new; end $$`,
        'create trigger passing before insert on TABLE for each row execute function passing()',
      ],
    ],
    ['a foreign key to itself', 'id int primary key references TABLE, v text', []],
    ['a key that is checked at the end', 'id int unique deferrable initially deferred, v text', []],
    ['an exclusion', 'id int, v text, exclude (id with =)', []],
    ['a rule', COLUMNS, ['create rule kept as on update to TABLE do also nothing']],
  ])('are one after the other into a table with %s', async (_, columns, after) => {
    const target = await makeTarget(columns.replace('TABLE', 'itself'), { table: 'itself' });
    onTestFinished(async () => void (await target.database.query('drop table itself')));
    for (const sql of after) await target.database.query(sql.replace('TABLE', target.sql));
    const held = firstHeld();
    await using processor = await BulkProcessor.create(
      target.config({ ...OPTIONS, onConflict: 'error' }),
    );
    const inserted = processor.insert(generate(60, (id) => ({ id, v: 'x' })));
    // All of them are in memory by then, and five more could be imported.
    await inserted;
    held.release();
    await processor.shutdown();
    expect(held.most()).toBe(1);
    expect(await target.count()).toBe(60);
  });

  describe.each(['error', 'nothing', 'update'] as const)(
    "into a table with a key, '%s'",
    (mode) => {
      const KEYED = 'id int primary key, v int';

      /** What is left of records whose keys come again and again. */
      function winners(records: readonly { readonly id: number; readonly v: number }[]) {
        const rows = new Map<number, { readonly id: number; readonly v: number }>();
        for (const record of records)
          if (mode === 'update' || !rows.has(record.id)) rows.set(record.id, record);
        return [...rows.values()].sort((a, b) => a.id - b.id);
      }

      test('they write side by side, and equal keys end as if they followed each other (G1, G2, G3)', async () => {
        const target = await makeTarget(KEYED);
        const options = { ...OPTIONS, maxErrorRecords: 10_000, onConflict: mode, batchSize: 100 };
        await using processor = await BulkProcessor.create(target.config(options));
        // Keys of its own, then more and more of those that other imports have.
        const records = Array.from({ length: 3_000 }, (_, v) => ({
          id: v < 1_000 ? v : (v * 7919) % (v < 2_000 ? 1_500 : 50),
          v,
        }));
        await processor.insert(records);
        await processor.shutdown();
        expect(await target.rows('id, v')).toEqual(winners(records));
        const { last, rejects } = await safe(target, processor.processId);
        expect(last).toBe(3_000);
        expect(rejects).toBe(mode === 'error' ? 3_000 - winners(records).length : 0);
      });

      test('one that has written a key first lets go of it for the one before it (G3)', async () => {
        const target = await makeTarget(KEYED);
        const held = firstHeld();
        const options = { ...OPTIONS, onConflict: mode };
        await using processor = await BulkProcessor.create(target.config(options));
        const records = Array.from({ length: 20 }, (_, v) => ({ id: v % 10, v }));
        await processor.insert(records);
        const flushed = processor.flush();
        await expect.poll(held.others).toBeGreaterThanOrEqual(1);
        // It has written all of them, and looks whether it is waited for.
        const looks = () =>
          target.database.query(
            `select 1 from pg_stat_activity
             where datname = current_database() and query like '%isWaitedFor%' and pid <> pg_backend_pid()`,
          );
        await expect.poll(async () => (await looks()).length).toBeGreaterThanOrEqual(1);
        held.release();
        await flushed;
        await processor.shutdown();
        expect(held.most()).toBeGreaterThanOrEqual(2);
        expect(await target.rows('id, v')).toEqual(winners(records));
      });
    },
  );
});
