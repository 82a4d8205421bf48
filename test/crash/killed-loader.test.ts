// G1 when the loader is killed: at every durable boundary, for every way through the loader. Nothing is lost,
// nothing doubled, and nothing left behind (G7).

import { beforeAll, describe, expect, test } from 'vitest';
import type { FailpointName } from '../../src/failpoints.ts';
import { ensureBuilt } from '../support/build.ts';
import { columnsOf } from '../support/given-records.mjs';
import { LoaderProcess } from '../support/loader-process.ts';
import { targetsOn } from '../support/loading.ts';
import { defaultServer } from '../support/stack.ts';
import {
  CRASH_CONFIG,
  type CrashCase,
  crashAndResume,
  LOAD_FAILPOINTS,
  SHAPES,
  type ShapeName,
} from './crash-case.ts';
import { expectLoadedExactly } from './verdict.ts';

/** Boundaries that only some loads come by. */
const ONLY: Partial<Record<FailpointName, readonly ShapeName[]>> = {
  'part-uploaded': ['files of several parts'],
  'isolation-staged': ['rejected records', 'four imports at once'],
};
/** Boundaries that a load comes by once, or may come by once. */
const ONCE = new Set<FailpointName>(['before-summary', 'before-finish']);
const ORDINARY = (Object.keys(SHAPES) as ShapeName[]).filter((name) => !/parts/.test(name));

const full = process.env.RELYT_TEST_FULL === '1';

/** Where a generation that was closed inside a batch becomes safe, or is lost: the first, and some in its midst. */
const INSIDE_A_BATCH: readonly CrashCase[] = (['before-freeze', 'frozen'] as const).flatMap(
  (failpoint) =>
    [1, 3, 8].map((hit) => ({ failpoint, hit, shape: 'several files in a batch', seed: 7 + hit })),
);

/** Everything with RELYT_TEST_FULL=1; otherwise each boundary once, each shape several times. */
function cases(): CrashCase[] {
  const everywhere = LOAD_FAILPOINTS.flatMap((failpoint, index) => {
    const shapes = ONLY[failpoint] ?? ORDINARY;
    const chosen = full ? shapes : [shapes[index % shapes.length] ?? 'a table with a key'];
    const hits = ONCE.has(failpoint) ? [1] : full ? [1, 3] : [2];
    return chosen.flatMap((shape) => hits.map((hit) => ({ failpoint, hit, shape, seed: 7 + hit })));
  });
  return [...everywhere, ...INSIDE_A_BATCH];
}

beforeAll(ensureBuilt);

describe.concurrent('a loader that is killed (G1, G7)', () => {
  const makeTarget = targetsOn(defaultServer());

  test.each(cases())('at $failpoint, time $hit, with $shape', async (crash) => {
    await crashAndResume(makeTarget, crash);
  });

  test('between its end and the deletion of its staged files: gc deletes them (G7)', async () => {
    const { batch, config: options, ...rest } = SHAPES['a table with a key'];
    const shape = { ...rest, seed: 3 };
    const target = await makeTarget(columnsOf(shape));
    const config = target.config({ ...CRASH_CONFIG, ...options });
    const failpoint = { name: 'before-delete', hit: 1, signal: 'SIGKILL' } as const;
    await using loader = new LoaderProcess({ config, shape, batch, failpoint });
    expect(await loader.ended, loader.story).toBe('SIGKILL');
    const { processId = '' } = await loader.until('opened');
    await expectLoadedExactly({ target, processId, shape, collect: config });
  });
});
