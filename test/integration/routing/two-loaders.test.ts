// Two imports that write the same key to different tables at the same time: one constraint over both tables would let
// one of them wait, and so does the loader (G1, G3).

import { describe, expect, test } from 'vitest';
import { armFailpoint } from '../../../src/failpoints.ts';
import { failureOf, type LoadOptions, targetsOn } from '../../support/loading.ts';
import { defaultServer } from '../../support/stack.ts';
import { asRows, makeRouted, type RoutedTarget } from './routed-target.ts';

const COLUMNS = 'id int primary key, group_id int, v text check (v <> $$bad$$)';
const LIVES_IN_AUXILIARY = { id: 1, group_id: 7, v: 'first' };
const LIVES_IN_MAIN = { id: 1, group_id: 1, v: 'second' };
const REFUSED = { id: 2, group_id: 1, v: 'bad' };

/** Loads the first record, holds its commit until the second load waits for it, and lets both go on. */
async function loadAtOnce(
  routed: RoutedTarget,
  options: LoadOptions,
  more: readonly object[] = [],
  moreOfFirst: readonly object[] = [],
): Promise<{ readonly second: Promise<string> }> {
  const { target } = routed;
  // Both tasks are known before either imports.
  await using one = await target.open(options);
  await using other = await target.open(options);
  let isFirst = true;
  let second: Promise<void> | undefined;
  const disarm = armFailpoint('before-commit', async () => {
    if (!isFirst) return;
    isFirst = false;
    second = other.insert([LIVES_IN_MAIN, ...more]).then(() => other.flush());
    second.catch(() => undefined);
    await target.untilImportWaits();
  });
  try {
    await one.insert([LIVES_IN_AUXILIARY, ...moreOfFirst]);
    await one.shutdown();
  } finally {
    disarm();
  }
  const ended = (async () => {
    await second;
    return other.processId;
  })();
  await ended.catch(() => undefined);
  return { second: ended };
}

describe('a key that two loaders write to two tables at once', () => {
  const makeTarget = targetsOn(defaultServer());

  describe.each([
    ['', []],
    [', among refused records', [REFUSED]],
  ])('%s', (_, more) => {
    const options = { maxErrorRecords: more.length };

    test("with 'update' the one that commits last has it", async () => {
      const routed = await makeRouted(makeTarget, COLUMNS, { groups: [7] });
      await (await loadAtOnce(routed, options, more)).second;
      await routed.expectRows(asRows([LIVES_IN_MAIN]));
    });

    test("with 'error' the one that commits last is refused", async () => {
      const routed = await makeRouted(makeTarget, COLUMNS, { groups: [7] });
      const { second } = await loadAtOnce(routed, { ...options, onConflict: 'error' }, more);
      const failure = await failureOf(second);
      expect(failure.code).toBe(more.length === 0 ? 'DUPLICATE_KEY' : 'REJECT_LIMIT_EXCEEDED');
      await routed.expectRows(asRows([LIVES_IN_AUXILIARY]));
    });
  });

  test.each([
    ['', [], []],
    [', the other one among refused records', [], [REFUSED]],
    [', itself among refused records', [REFUSED], []],
    [', both among refused records', [REFUSED], [REFUSED]],
  ])(
    "with 'nothing' the one that commits first has it, and the other is skipped%s (G2)",
    async (_, moreOfFirst, more) => {
      const routed = await makeRouted(makeTarget, COLUMNS, { groups: [7] });
      const options = { onConflict: 'nothing', maxErrorRecords: 1 } as const;
      const { second } = await loadAtOnce(routed, options, more, moreOfFirst);
      expect(await routed.counts(await second)).toMatchObject({ inserted: 0, skipped: 1 });
      await routed.expectRows(asRows([LIVES_IN_AUXILIARY]));
    },
  );

  test("'nothing' leaves alone a key that both tables had before", async () => {
    const routed = await makeRouted(makeTarget, COLUMNS, { groups: [7] });
    await routed.query(`insert into ${routed.target.sql} values (1, 1, 'a')`);
    await routed.query(`insert into ${routed.auxiliary} values (1, 7, 'b')`);
    await using _ = await routed.target.open();
    await routed.target.load([LIVES_IN_MAIN], { onConflict: 'nothing' });
    expect([await routed.main('v'), await routed.moved('v')]).toEqual([[{ v: 'a' }], [{ v: 'b' }]]);
  });
});
