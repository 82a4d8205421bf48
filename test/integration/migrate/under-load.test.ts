// Groups that move while loads run: every key once, every group in one table, the newest values, counts right (G1-G3).

import { describe, expect, test } from 'vitest';
import { migrateGroups } from '../../../src/migrate/migrate-groups.ts';
import type { MigrateOptions } from '../../../src/migrate/migrate-options.ts';
import type { MigrationReport } from '../../../src/migrate/migration-report.ts';
import { describeEngines } from '../../support/engines-under-test.ts';
import { type LoadOptions, targetsOn } from '../../support/loading.ts';
import { testStack } from '../../support/stack.ts';
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
    const t0 = performance.now(); await Promise.all(both); console.log('MIGRATED', performance.now() - t0, JSON.stringify(way), (await Promise.all(both)).map(b=>b.tables[0]?.groups.map(g=>`${g.group}:${g.rows}:${g.seconds.toFixed(1)}`).join(' ')));
  }
}

interface Wave {
  readonly number: number;
  readonly records: readonly {
    readonly id: number;
    readonly group_id: number | null;
    readonly v?: string;
  }[];
}

/** Loads wave after wave, each flushed, until the work is done, and one more. Returns the task and its last wave. */
async function loadMeanwhile(
  routed: RoutedTarget,
  {
    work,
    wave,
    options,
  }: { work: Promise<unknown>; wave: (n: number) => Wave; options: LoadOptions },
): Promise<{ processId: string; last: Wave; given: number }> {
  let isDone = false;
  const done = work.finally(() => {
    isDone = true;
  });
  // The load goes on when the migration fails; the failure is reported at the end.
  done.catch(() => undefined);
  await using processor = await routed.target.open(options);
  let given = 0;
  for (let n = 1; ; n++) {
    const isLast = isDone;
    const last = wave(n);
    given += last.records.length;
    await processor.insert(last.records);
    await processor.flush();
    if (!isLast) continue;
    await processor.shutdown();
    await done;
    return { processId: processor.processId, last, given };
  }
}

async function expectSettled(routed: RoutedTarget): Promise<void> {
  const moves = 'select routing_id, phase from relyt_sys.relyt_loader_move';
  expect(await routed.query(moves)).toEqual([]);
  await new Promise((r) => setTimeout(r, 1100));
  console.log('DEADLOCKS', await routed.query('select deadlocks from pg_stat_database where datname=current_database()'));
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
    const wave = (number: number) => ({
      number,
      records: sizes.map(([group_id]) => ({
        id: group_id * 10_000 + 1000 + number,
        group_id,
        v: 'meanwhile',
      })),
    });
    const migrating = migrate(routed);
    const load = await loadMeanwhile(routed, { work: migrating, wave, options: {} });
    const [report] = (await migrating).tables;
    expect(report?.groups.map(({ group }) => group).sort()).toEqual(['100', '110']);
    const meanwhile = Array.from({ length: load.last.number }, (_, n) => wave(n + 1).records);
    await routed.expectRows(asRows([...records, ...meanwhile.flat()]));
    await expectSettled(routed);
    await expectCounted(routed, load);
  });
});

const WAYS = {
  'whole groups': {},
  'in batches of 25': { batchRows: 25 },
  "in batches, conflict mode 'nothing'": { batchRows: 60, conflictMode: 'nothing' as const },
};

describe.each(testStack().servers)('migration under load on $name', (server) => {
  const makeTarget = targetsOn(server);

  test.each(Object.entries(WAYS))(
    'two loaders of the same keys, two migrations, there and back: %s (G1, G3)',
    async (_, options) => {
      const columns = 'id int primary key, group_id int, a int default 0, b int default 0';
      const routed = await makeRouted(makeTarget, columns);
      const group = (id: number) => (id % 5 === 0 ? 3 : id % 2);
      // Each loader has a column of its own: what one writes, neither the other nor a move may take back.
      const wave = (column: 'a' | 'b') => (number: number) => ({
        number,
        records: Array.from({ length: 280 + 10 * Math.min(number, 20) }, (_, id) => ({
          id,
          group_id: group(id),
          [column]: number,
        })),
      });
      await routed.target.load(wave('a')(1).records);
      const work = thereAndBack(routed, options);
      const [a, b] = await Promise.all(
        (['a', 'b'] as const).map((column) =>
          loadMeanwhile(routed, { work, wave: wave(column), options: MANY_IMPORTS }),
        ),
      );
      if (a === undefined || b === undefined) throw new Error('two loads were begun');
      const rows = Array.from({ length: Math.max(a.last.records.length, b.last.records.length) });
      await expectSettled(routed);
      await routed.expectRows(
        rows.map((_, id) => ({
          id,
          v: `${id < a.last.records.length ? a.last.number : 0}/${id < b.last.records.length ? b.last.number : 0}`,
          group: group(id),
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
      // Most keys change their group with every wave.
      const wave = (number: number) => ({
        number,
        records: Array.from({ length: 400 }, (_, id) => ({
          id,
          group_id: id % 7 === 0 ? null : (id * (1 + (number % 5))) % 4,
          v: `wave ${number}`,
        })),
      });
      await routed.target.load(wave(1).records.map((record, id) => ({ ...record, kept: `${id}` })));
      const work = thereAndBack(routed, { ...options, threshold: 60 });
      const load = await loadMeanwhile(routed, { work, wave, options: MANY_IMPORTS });
      await expectSettled(routed);
      await routed.expectRows(asRows(load.last.records));
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
    const wave = (number: number) => ({
      number,
      records: Array.from({ length: 200 }, (_, n) => ({
        id: number * 200 + n,
        group_id: n % 4,
        v: `${number}`,
      })),
    });
    await routed.target.load(wave(0).records);
    const work = thereAndBack(routed, { batchRows: 40, threshold: 50 });
    const options = { ...MANY_IMPORTS, onConflict };
    const load = await loadMeanwhile(routed, { work, wave, options });
    await expectSettled(routed);
    const all = Array.from({ length: load.last.number + 1 }, (_, n) => wave(n).records);
    await routed.expectRows(asRows(all.flat()));
    await expectCounted(routed, load);
  });
});
