// Groups that move while loads run: every key once, every group in one table, the newest values, counts right (G1-G3).

import { describe, expect, test } from 'vitest';
import { migrateGroups } from '../../../src/administration.ts';
import type { MigrateOptions } from '../../../src/migrate/migrate-options.ts';
import type { MigrationReport } from '../../../src/migrate/migration-report.ts';
import { describeEngines } from '../../support/engines-under-test.ts';
import { type LoadOptions, targetsOn } from '../../support/loading.ts';
import { newestServers } from '../../support/stack.ts';
import { asRows, makeRouted, type RoutedTarget } from '../routing/routed-target.ts';

const MANY_IMPORTS: LoadOptions = { concurrency: 4, batchSize: 40, batchImportSize: 1 };

function migrate(
  { target }: RoutedTarget,
  options: Partial<MigrateOptions> = {},
): Promise<MigrationReport> {
  return migrateGroups(
    { postgresql: { connectionString: target.database.url } },
    { tables: [`public.${target.table}`], threshold: 100, leaseSeconds: 3, ...options },
  );
}

/** Moves big groups there and back in the way of `options`, two migrations at a time. */
async function thereAndBack(routed: RoutedTarget, options: Partial<MigrateOptions>): Promise<void> {
  for (const way of [{}, { back: true, threshold: 100_000 }, {}]) {
    const both = [1, 2].map(() => migrate(routed, { ...options, ...way }));
    await Promise.all(both);
  }
}

function firstIds(count: number): number[] {
  return Array.from({ length: count }, (_, id) => id);
}

/** A part of them that differs from wave to wave: what the others hold was written some waves ago. */
function someIds(wave: number, count: number): number[] {
  return firstIds(count).filter((id) => (id + wave) % 5 === 0);
}

/** Two big groups and a small one. */
function groupOf(id: number): number {
  return id % 7 === 0 ? 3 : id % 2;
}

/** Loads wave after wave, each flushed, until the work is done. */
async function loadMeanwhile(
  routed: RoutedTarget,
  {
    work,
    wave,
    options,
  }: {
    work: Promise<unknown>;
    wave: (number: number) => readonly object[];
    options: LoadOptions;
  },
): Promise<{ processId: string; waves: number; given: number }> {
  let isDone = false;
  const done = work.finally(() => {
    isDone = true;
  });
  // The load goes on when the migration fails; the failure is reported at the end.
  done.catch(() => undefined);
  await using processor = await routed.target.open(options);
  let given = 0;
  let waves = 0;
  do {
    const records = wave(++waves);
    given += records.length;
    await processor.insert(records);
    await processor.flush();
  } while (!isDone);
  await processor.shutdown();
  await done;
  return { processId: processor.processId, waves, given };
}

async function expectSettled(routed: RoutedTarget): Promise<void> {
  const moves = 'select routing_id, phase from relyt_sys.relyt_loader_move';
  expect(await routed.query(moves)).toEqual([]);
}

async function expectCounted(routed: RoutedTarget, load: { processId: string; given: number }) {
  const counts = Object.values(await routed.counts(load.processId));
  expect(counts.reduce((sum, part) => sum + part, 0)).toBe(load.given);
}

describeEngines('the worked case: groups that grew move while a load runs', ({ makeTarget }) => {
  test('all records stand once, those of the moved groups in the auxiliary table (G1)', async () => {
    const routed = await makeRouted(makeTarget, 'id int primary key, group_id int, v text');
    const sizes: [number, number][] = [
      [100, 100],
      [110, 100],
      [120, 10],
      [130, 10],
      [140, 10],
    ];
    const records = sizes.flatMap(([group_id, rows]) =>
      Array.from({ length: rows }, (_, n) => ({
        id: group_id * 10_000 + n,
        group_id,
        v: 'before',
      })),
    );
    await routed.target.load(records);
    const wave = (number: number) =>
      sizes.map(([group_id]) => ({
        id: group_id * 10_000 + 1000 + number,
        group_id,
        v: 'meanwhile',
      }));
    const migrating = migrate(routed);
    const load = await loadMeanwhile(routed, { work: migrating, wave, options: {} });
    const [report] = (await migrating).tables;
    expect(report?.groups.map(({ group }) => group).sort()).toEqual(['100', '110']);
    const meanwhile = Array.from({ length: load.waves }, (_, n) => wave(n + 1));
    await routed.expectRows(asRows([...records, ...meanwhile.flat()]));
    await expectSettled(routed);
    await expectCounted(routed, load);
  });
});

const WAYS = {
  'whole groups': {},
  'in batches': { batchRows: 45 },
  "in batches, onConflict 'nothing'": { batchRows: 70, onConflict: 'nothing' as const },
};

describe.each(newestServers())('migration under load on $name', (server) => {
  const makeTarget = targetsOn(server);

  test.each(Object.entries(WAYS))(
    'two loaders of the same keys, two migrations, there and back: %s (G1, G3)',
    async (_, options) => {
      const columns = 'id int primary key, group_id int, a int default 0, b int default 0';
      const routed = await makeRouted(makeTarget, columns);
      // Each loader has a column of its own: what one writes, neither the other nor a move may take back.
      const last = { a: new Map<number, number>(), b: new Map<number, number>() };
      const wave = (column: 'a' | 'b') => (number: number) => {
        const ids = someIds(number, 280 + 10 * Math.min(number, 20));
        for (const id of ids) last[column].set(id, number);
        return ids.map((id) => ({ id, group_id: groupOf(id), [column]: number }));
      };
      await routed.target.load(firstIds(280).map((id) => ({ id, group_id: groupOf(id) })));
      const work = thereAndBack(routed, options);
      const [a, b] = await Promise.all([
        loadMeanwhile(routed, { work, wave: wave('a'), options: MANY_IMPORTS }),
        loadMeanwhile(routed, { work, wave: wave('b'), options: MANY_IMPORTS }),
      ]);
      await expectSettled(routed);
      const ids = new Set([...firstIds(280), ...last.a.keys(), ...last.b.keys()]);
      await routed.expectRows(
        [...ids].map((id) => ({
          id,
          v: `${last.a.get(id) ?? 0}/${last.b.get(id) ?? 0}`,
          group: groupOf(id),
        })),
        `id, a || '/' || b as v`,
      );
      await expectCounted(routed, a);
      await expectCounted(routed, b);
    },
  );

  test.each(Object.entries(WAYS))(
    'keys that change their group meanwhile: %s (G1, G3)',
    async (_, options) => {
      const columns = `id int primary key, group_id int, v text, kept text default 'new'`;
      const routed = await makeRouted(makeTarget, columns);
      const rows = new Map<number, { id: number; group_id: number | null; v: string }>();
      const wave = (number: number) => {
        const records = someIds(number, 400).map((id) => ({
          id,
          group_id: id % 7 === 0 ? null : (id * (1 + (number % 5))) % 4,
          v: `wave ${number}`,
        }));
        for (const record of records) rows.set(record.id, record);
        return records;
      };
      const first = firstIds(400).map((id) => ({ id, group_id: id % 4, v: 'first' }));
      for (const record of first) rows.set(record.id, record);
      await routed.target.load(first.map((record) => ({ ...record, kept: `${record.id}` })));
      const work = thereAndBack(routed, { ...options, threshold: 60 });
      const load = await loadMeanwhile(routed, { work, wave, options: MANY_IMPORTS });
      await expectSettled(routed);
      await routed.expectRows(asRows([...rows.values()]));
      const lost = `select id from (select id, kept from ${routed.target.sql} union all
        select id, kept from ${routed.auxiliary}) x where kept <> id::text`;
      expect(await routed.query(lost)).toEqual([]);
      await expectCounted(routed, load);
    },
  );

  test.each([
    ["'nothing'", 'id int primary key, group_id int, v text', 'nothing'],
    ["'error'", 'id int primary key, group_id int, v text', 'error'],
    ['no key', 'id int, group_id int, v text', 'update'],
    [
      'a key that holds the group',
      'group_id int, id int, v text, primary key (group_id, id)',
      'update',
    ],
  ] as const)('new records, loaded with %s (G1)', async (_, columns, onConflict) => {
    const routed = await makeRouted(makeTarget, columns);
    const wave = (number: number) =>
      Array.from({ length: 80 }, (_, n) => ({
        id: number * 80 + n,
        group_id: n % 4,
        v: `${number}`,
      }));
    await routed.target.load(wave(0));
    const work = thereAndBack(routed, { batchRows: 40, threshold: 20 });
    const options = { ...MANY_IMPORTS, onConflict };
    const load = await loadMeanwhile(routed, { work, wave, options });
    await expectSettled(routed);
    const all = Array.from({ length: load.waves + 1 }, (_, n) => wave(n));
    await routed.expectRows(asRows(all.flat()));
    await expectCounted(routed, load);
  });
});
