// G1 to G8 under random schedules: loads, kills, take-overs, failovers, replaced objects, broken downloads,
// lost answers. Half of the schedules run real loaders on a real PostgreSQL, the others a model. STORM_SCHEDULES says how
// many there are, STORM_SEED runs one alone; `make storm` runs thousands.

import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { watchProcesses } from './process.ts';
import { ROUND_SECONDS, StormRound } from './round.ts';
import { scheduleOf } from './schedule.ts';
import { simulateLoad } from './simulated-load.ts';
import { StormTally } from './tally.ts';
import { StormWorld } from './world.ts';

/** What a dead process still has to go through, at most. */
const BURIAL_SECONDS = 60;

/** Rounds wait half of their time: for pauses between attempts, and for answers. More of them wait for two cores. */
const LANES = 14;
const SEEDS = 2 ** 31;

const { STORM_SCHEDULES = '300', STORM_SEED, STORM_FIRST } = process.env;

/** Even seeds are real, odd ones simulated. */
function isReal(seed: number): boolean {
  return seed % 2 === 0;
}

/** The seeds of one of two processes that share a storm. A process that begins with an even one has as many real ones. */
function seedsOf(half: 'first' | 'second'): number[] {
  if (STORM_SEED !== undefined) return half === 'first' ? [Number(STORM_SEED)] : [];
  const all = Math.ceil(Number(STORM_SCHEDULES) / 2);
  const first =
    STORM_FIRST === undefined
      ? 2 * Math.floor((Math.random() * SEEDS) / 2)
      : Number(STORM_FIRST) + (half === 'first' ? 0 : all);
  return Array.from({ length: all }, (_, n) => (first + n) % SEEDS);
}

/** Every real round may take its whole time, and each lane has its share of them; a simulated one takes no time. */
function limitSeconds(seeds: readonly number[]): number {
  const roundsOfLane = Math.ceil(seeds.filter(isReal).length / LANES);
  return (roundsOfLane + 1) * ROUND_SECONDS + BURIAL_SECONDS;
}

export function storm(half: 'first' | 'second'): void {
  const seeds = seedsOf(half);
  let world: StormWorld;
  let watching: Disposable;

  beforeAll(async () => {
    world = await StormWorld.open();
    watching = watchProcesses();
  });

  afterAll(async () => {
    watching[Symbol.dispose]();
    await world[Symbol.asyncDispose]();
  });

  test(`${seeds.length} random schedules from seed ${seeds[0]}, half of them simulated (G1, G2, G3, G4, G5, G6, G7, G8)`, {
    timeout: limitSeconds(seeds) * 1_000,
  }, async () => {
    const tally = new StormTally(half);
    const left = seeds.values();
    const lane = async () => {
      for (const seed of left) {
        if (isReal(seed)) {
          const schedule = scheduleOf(seed);
          await tally.count(schedule, StormRound.run(schedule, world));
        } else tally.countSimulated(seed, () => simulateLoad(seed));
      }
    };
    await Promise.all(Array.from({ length: LANES }, lane));
    // A dead process has its last pauses and time limits to go through.
    await vi.waitFor(() => expect(world.graves).toBe(0), {
      timeout: BURIAL_SECONDS * 1_000,
      interval: 50,
    });
    process.stdout.write(`${tally.text}\n`);
    if (tally.failures.length > 0) throw new Error(tally.failures.join('\n\n'));
  });
}
