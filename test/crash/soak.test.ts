// G1 to G7 under random loads and random incidents: loaders are killed, stopped and taken over, servers go away.
// SOAK_SECONDS says how long, SOAK_SEED which ones; `make soak` runs it for minutes.

import { setTimeout as delay } from 'node:timers/promises';
import { beforeAll, expect, test } from 'vitest';
import { ensureBuilt } from '../support/build.ts';
import { Dice } from '../support/dice.ts';
import { s3Config } from '../support/loading.ts';
import { OwnServers } from './own-servers.ts';
import { SoakRound } from './soak-round.ts';

const seconds = Number(process.env.SOAK_SECONDS ?? 12);
const seed = Number(process.env.SOAK_SEED ?? Math.floor(Math.random() * 2 ** 31));
/** Rounds mostly wait, for leases to run out. */
const LANES = 4;

beforeAll(ensureBuilt);

/** Outages and final checks keep out of each other's way. */
class Calm {
  #users = 0;
  #disturbed = false;

  readonly keep = async <T>(work: () => Promise<T>): Promise<T> => {
    while (this.#disturbed) await delay(20);
    this.#users++;
    try {
      return await work();
    } finally {
      this.#users--;
    }
  };

  async disturb(work: () => Promise<void>): Promise<void> {
    this.#disturbed = true;
    try {
      while (this.#users > 0) await delay(20);
      await work();
    } finally {
      this.#disturbed = false;
    }
  }
}

async function outage(servers: OwnServers, dice: Dice): Promise<void> {
  switch (dice.below(3)) {
    case 0:
      await servers.crashDatabase();
      return servers.restartDatabase();
    case 1:
      await servers.stopS3();
      await delay(dice.below(1_500));
      return servers.restartS3();
    default:
      await servers.database.query(
        `select pg_terminate_backend(pid) from pg_stat_activity where application_name like 'relyt-sdk %'`,
      );
  }
}

test(`random loads and incidents, seed ${seed} (G1, G2, G3, G6, G7)`, {
  timeout: (seconds + 180) * 1000,
}, async () => {
  await using servers = await OwnServers.start();
  const calm = new Calm();
  const until = performance.now() + seconds * 1000;
  const over = () => performance.now() > until;
  const place = {
    makeTarget: servers.makeTarget,
    s3: s3Config(servers.s3),
    ownS3: servers.s3,
    undisturbed: calm.keep,
  };
  let rounds = 0;
  const lane = async (number: number) => {
    for (let count = 0; !over(); count++) {
      const round = new SoakRound(seed + 1_000_003 * number + 7919 * count, place);
      await round.run().catch((cause: unknown) => {
        throw new Error(
          `round ${count} of lane ${number} failed: replay with SOAK_SEED=${seed} make soak\n${round.story}`,
          { cause },
        );
      });
      rounds++;
    }
  };
  const disturbing = (async () => {
    const dice = new Dice(seed);
    while (!over()) {
      await delay(2_000 + dice.below(4_000));
      await calm.disturb(() => outage(servers, dice));
    }
  })();
  await Promise.all([disturbing, ...Array.from({ length: LANES }, (_, number) => lane(number))]);
  process.stdout.write(`soak: ${rounds} rounds with seed ${seed}\n`);
  expect(rounds).toBeGreaterThanOrEqual(LANES);
});
