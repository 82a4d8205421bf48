// Two migrations at once: what one of them has copied, or not yet cleaned, is no row to the other (G1).

import { describe, expect, test, vi } from 'vitest';
import { migrateGroups } from '../../../src/administration.ts';
import { armFailpoint, type FailpointName } from '../../../src/failpoints.ts';
import type { MigrateOptions } from '../../../src/migrate/migrate-options.ts';
import { targetsOn } from '../../support/loading.ts';
import { newestServers } from '../../support/stack.ts';
import { asRows, makeRouted, type RoutedTarget } from '../routing/routed-target.ts';

/** The group that moves first, in batches of 40, and the one that a record of it goes over to meanwhile. */
const FIRST = { group: 1, rows: 150 };
const SECOND = { group: 2, rows: 100 };

interface Case {
  /** Where the first migration stands when the record changes its group and the second one begins. */
  readonly at: FailpointName;
  readonly secondLivesIn: 'main' | 'auxiliary';
  readonly before: { readonly id: number; readonly group_id: number };
  /** Makes it one of the second group. */
  readonly change: (routed: RoutedTarget, changed: object) => Promise<unknown>;
}

const CASES: Readonly<Record<string, Case>> = {
  'a record that was copied goes over to the group': {
    at: 'move-batch-copied',
    secondLivesIn: 'main',
    before: { id: 5, group_id: FIRST.group },
    change: ({ target }, changed) => target.load([changed]),
  },
  'a record of which a left-over stands in the table goes over to the group': {
    at: 'move-flipped',
    secondLivesIn: 'auxiliary',
    before: { id: FIRST.rows - 1, group_id: FIRST.group },
    change: ({ target }, changed) => target.load([changed]),
  },
  'of two loads at once, one makes a record one of the first group, and the other one back': {
    at: 'move-batch-copied',
    secondLivesIn: 'main',
    before: { id: 1000, group_id: SECOND.group },
    change: thereAndBack,
  },
};

/** Two imports: the second one waits for the first, and has not seen the copy that it makes. */
async function thereAndBack({ target }: RoutedTarget, changed: object): Promise<void> {
  await using one = await target.open();
  await using other = await target.open();
  let waiting: Promise<void> | undefined;
  const disarm = armFailpoint('before-commit', async () => {
    if (waiting !== undefined) return;
    waiting = other.insert([changed]).then(() => other.flush());
    await target.untilImportWaits();
  });
  try {
    await one.insert([{ ...changed, group_id: FIRST.group }]);
    await one.shutdown();
    await waiting;
    await other.shutdown();
  } finally {
    disarm();
  }
}

function migrate({ target }: RoutedTarget, options: Partial<MigrateOptions>) {
  return migrateGroups(
    { postgresql: { connectionString: target.database.url } },
    { tables: [`public.${target.table}`], threshold: 1, leaseSeconds: 3, ...options },
  );
}

async function livesIn(routed: RoutedTarget, group: number): Promise<'main' | 'auxiliary'> {
  const found = await routed.query(
    `select 1 from ${routed.routing} where routing_id::text = '${group}'`,
  );
  return found.length > 0 ? 'auxiliary' : 'main';
}

/** Moves the first group, and does the work in a pause of that. */
async function moveFirst(
  routed: RoutedTarget,
  at: FailpointName,
  work: () => Promise<void>,
): Promise<void> {
  let isDone = false;
  const disarm = armFailpoint(at, async () => {
    if (isDone) return;
    isDone = true;
    await work();
  });
  try {
    await migrate(routed, { threshold: FIRST.rows, batchRows: 40 });
  } finally {
    disarm();
  }
  expect(isDone).toBe(true);
}

const RECORDS = [FIRST, SECOND].flatMap(({ group, rows }) =>
  Array.from({ length: rows }, (_, n) => ({
    id: (group - 1) * 1000 + n,
    group_id: group,
    v: 'before',
  })),
);

describe.each(newestServers())('two migrations on $name', (server) => {
  const makeTarget = targetsOn(server);

  describe.each(Object.entries(CASES))('%s', (_, { at, secondLivesIn, before, change }) => {
    test.each([
      ['nothing', 'whole', 1000],
      ['nothing', 'in batches', 40],
      ['update', 'whole', 1000],
    ] as const)(
      "mode '%s': which moves %s, and nothing is lost (G1)",
      async (onConflict, _, batchRows) => {
        const routed = await makeRouted(makeTarget, 'id int primary key, group_id int, v text');
        const back = secondLivesIn === 'auxiliary';
        if (back) await routed.route(SECOND.group);
        await routed.target.load(RECORDS);
        const changed = { id: before.id, group_id: SECOND.group, v: 'changed' };
        let second: ReturnType<typeof migrate> | undefined;
        await moveFirst(routed, at, async () => {
          await change(routed, changed);
          const threshold = back ? SECOND.rows + 10 : SECOND.rows;
          second = migrate(routed, { threshold, back, batchRows, onConflict });
          second.catch(() => undefined);
          await vi.waitFor(
            async () =>
              expect(await livesIn(routed, SECOND.group)).toBe(back ? 'main' : 'auxiliary'),
            20_000,
          );
        });
        const report = await second;
        expect(report?.tables[0]?.groups).toMatchObject([
          { group: String(SECOND.group), replaced: 0, dropped: 0 },
        ]);
        const rows = RECORDS.map((record) => (record.id === changed.id ? changed : record));
        await routed.expectRows(asRows(rows));
        expect(await routed.query('select * from relyt_sys.relyt_loader_move')).toEqual([]);
      },
    );
  });
});
