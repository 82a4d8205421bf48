/** A failpoint that throws once, for tests of what is left behind then. */

import { onTestFinished } from 'vitest';
import { RelytError } from '../../src/errors.ts';
import { armFailpoint, type FailpointName } from '../../src/failpoints.ts';

export interface Failing {
  /** The turn at which it throws; 1 for the first. */
  readonly hit?: number;
  /** What it throws; by default an error that is not tried again. */
  readonly failure?: () => Error;
}

const madeToFail = () => new RelytError('INTERNAL', 'made to fail');

/** Makes the failpoint throw at one of its turns. Returns how to disarm it before the test ends. */
export function failAt(
  name: FailpointName,
  { hit = 1, failure = madeToFail }: Failing = {},
): () => void {
  let hits = 0;
  const disarm = armFailpoint(name, async () => {
    if (++hits === hit) throw failure();
  });
  onTestFinished(disarm);
  return disarm;
}
