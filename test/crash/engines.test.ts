// G1 and G7 on every engine when the loader is killed: at the boundaries of an import, in which engines differ.
// Everything around it is the same for all of them, and killed-loader.test.ts holds it.

import { beforeAll, test } from 'vitest';
import type { FailpointName } from '../../src/failpoints.ts';
import { ensureBuilt } from '../support/build.ts';
import { describeEngines } from '../support/engines-under-test.ts';
import { type CrashCase, crashAndResume, type ShapeName } from './crash-case.ts';

const full = process.env.RELYT_TEST_FULL === '1';

const SHAPES: readonly ShapeName[] = [
  'a table with a key',
  'a table without a key',
  'rejected records',
  'four imports at once',
];

/** Each boundary with the shape that has most to lose there. */
const POINTS: Partial<Record<FailpointName, ShapeName>> = {
  'before-freeze': 'a table without a key',
  'external-created': 'four imports at once',
  'isolation-staged': 'rejected records',
  'before-commit': 'a table without a key',
  committed: 'a table with a key',
};

function cases(): CrashCase[] {
  return (Object.entries(POINTS) as [FailpointName, ShapeName][]).flatMap(([failpoint, chosen]) => {
    const rejecting = SHAPES.filter((shape) => /rejected|four/.test(shape));
    const possible = failpoint === 'isolation-staged' ? rejecting : SHAPES;
    const shapes = full ? possible : [chosen];
    return shapes.map((shape) => ({ failpoint, hit: 2, shape, seed: 31 }));
  });
}

beforeAll(ensureBuilt);

describeEngines(
  'a loader that is killed (G1, G7)',
  ({ makeTarget }) => {
    test.concurrent.each(cases())('at $failpoint, with $shape', async (crash) => {
      await crashAndResume(makeTarget, crash);
    });
  },
  { oneServer: true },
);
