// Loads and moves in random order: afterwards every key stands once, in the table its group lives in, with the values
// that the last record of it gave (G1, G3).

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { targetsOn } from '../../support/loading.ts';
import { newestServers } from '../../support/stack.ts';
import { asRows, makeRouted, type RoutedTarget } from './routed-target.ts';

const GROUPS = [0, 1, 2, 3];

interface Step {
  /** Groups that change their table before the records are given. */
  readonly moves: readonly number[];
  readonly records: readonly { readonly id: number; readonly group_id: number | null }[];
  readonly onConflict: 'update' | 'nothing';
}

const record = fc.record({
  id: fc.nat(11),
  group_id: fc.option(fc.constantFrom(...GROUPS), { freq: 6 }),
});

interface History {
  readonly steps: readonly Step[];
  readonly batchSize: number;
  readonly concurrency: number;
  readonly engine: 'postgres' | 'copy';
}

const history: fc.Arbitrary<History> = fc.record({
  steps: fc.array(
    fc.record({
      moves: fc.uniqueArray(fc.constantFrom(...GROUPS), { maxLength: 2 }),
      records: fc.array(record, { maxLength: 25 }),
      onConflict: fc.constantFrom('update' as const, 'nothing' as const),
    }),
    { minLength: 1, maxLength: 4 },
  ),
  batchSize: fc.constantFrom(3, 7, 100),
  concurrency: fc.constantFrom(1, 4),
  engine: fc.constantFrom('postgres' as const, 'copy' as const),
});

interface Kept {
  readonly id: number;
  readonly group_id: number | null;
  readonly v: string;
}

/** What a table with one key over both tables would hold after this. */
function apply(rows: Map<number, Kept>, { records, onConflict }: Step, number: number): Kept[] {
  const given = records.map((one, n) => ({ ...one, v: `${number}.${n}` }));
  for (const one of given) {
    if (onConflict === 'update' || !rows.has(one.id)) rows.set(one.id, one);
  }
  return given;
}

async function play(routed: RoutedTarget, { steps, ...options }: History): Promise<void> {
  const rows = new Map<number, Kept>();
  const inAuxiliary = new Set<number>();
  for (const [number, step] of steps.entries()) {
    for (const group of step.moves) {
      const back = inAuxiliary.delete(group);
      if (!back) inAuxiliary.add(group);
      await routed.move(group, back ? 'main' : 'auxiliary');
    }
    const given = apply(rows, step, number);
    const { onConflict } = step;
    const processId = await routed.target.load(given, { ...options, onConflict });
    if (given.length === 0) continue;
    const counts = await routed.counts(processId);
    expect(Object.values(counts).reduce((sum, part) => sum + part, 0)).toBe(given.length);
  }
  await routed.expectRows(asRows([...rows.values()]));
  const booked = await routed.query<{ id: number }>(
    `select routing_id::int as id from ${routed.routing} order by 1`,
  );
  expect(booked.map(({ id }) => id)).toEqual([...inAuxiliary].sort());
}

describe.each(newestServers())('loads and moves at random on $name', (server) => {
  const makeTarget = targetsOn(server);

  test('every key stands once, where its group lives (G1, G2, G3)', async () => {
    await fc.assert(
      fc.asyncProperty(history, async (given) => {
        const columns = 'id int primary key, group_id int, v text';
        await play(await makeRouted(makeTarget, columns), given);
      }),
      { numRuns: 15 },
    );
  });
});
