// Random loads under random incidents, for SOAK_MINUTES (10 by default): loaders are killed, stopped and taken over,
// the database crashes, S3 goes away. Prints the seed; SOAK_SEED replays it.
import { spawnSync } from 'node:child_process';

const minutes = Number(process.env.SOAK_MINUTES ?? 10);
const seed = process.env.SOAK_SEED ?? String(Math.floor(Math.random() * 2 ** 31));
if (!(minutes > 0)) {
  console.error('SOAK_MINUTES has to be a number of minutes.');
  process.exit(2);
}
console.log(`soak: ${minutes} minutes with seed ${seed}`);
const { status } = spawnSync(
  'npx',
  ['--no-install', 'vitest', 'run', '--project', 'crash', 'test/crash/soak.test.ts'],
  {
    stdio: 'inherit',
    env: { ...process.env, SOAK_SECONDS: String(60 * minutes), SOAK_SEED: seed },
  },
);
if (status !== 0) {
  console.error(`soak: FAILED; replay: SOAK_SEED=${seed} SOAK_MINUTES=${minutes} make soak`);
}
process.exitCode = status ?? 1;
