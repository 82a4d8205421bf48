/**
 * A schedule without a server: the real recovery plan and the real states of files, against a model of database, S3 and
 * target. It dies between any two durable steps, thousands of times in the time of one real load.
 */

import { Dice } from '../support/dice.ts';
import { LoaderModel } from '../support/loader-model.ts';
import { type Epoch, liveThrough } from '../support/model-life.ts';

function epochOf(dice: Dice): Epoch {
  const loses = dice.pick(['nothing', 'nothing', 'rows', 'commits']);
  return {
    picks: Array.from({ length: dice.below(60) }, () => dice.below(1000)),
    interruptedAfter: dice.below(12),
    late: dice.chance(2),
    loses: loses === 'commits' ? { commits: 1 + dice.below(20) } : loses,
  };
}

export interface SimulatedEnd {
  readonly frozenThrough: number;
  /** How often a process died, a recovery included. */
  readonly deaths: number;
}

/** @throws Error when a record is not in the target exactly once (G1), or something is left in S3 (G7) */
export function simulateLoad(seed: number): SimulatedEnd {
  const dice = new Dice(seed);
  const model = new LoaderModel();
  const lives = Array.from({ length: 1 + dice.below(4) }, () => epochOf(dice));
  try {
    for (const epoch of lives) liveThrough(model, epoch);
    model.importAll();
    expectExact(model);
  } catch (cause) {
    throw new Error(`seed ${seed}, simulated: ${JSON.stringify(lives)}`, { cause });
  }
  return { frozenThrough: model.frozenThrough, deaths: 2 * lives.length };
}

function expectExact({ target, frozenThrough, rows, objects, uploads }: LoaderModel): void {
  const imported = [...target].sort((a, b) => a - b);
  const isExact =
    imported.length === frozenThrough && imported.every((ordinal, n) => ordinal === n + 1);
  if (!isExact) throw new Error(`of records 1 to ${frozenThrough} there are ${imported.join()}`);
  const files = [...rows.values()];
  const waiting = files.filter(({ status }) => status !== 'IMPORTED');
  if (waiting.length > 0) throw new Error(`files are not imported: ${JSON.stringify(waiting)}`);
  const known = new Set(files.map(({ key }) => key));
  const left = [...objects.keys()].filter((key) => !known.has(key));
  if (left.length + uploads.size > 0)
    throw new Error(`left in S3: ${[...left, ...uploads.keys()]}`);
}
