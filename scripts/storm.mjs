// STORM_SCHEDULES (10,000) random schedules, in two processes: loaders die, sleep and are overtaken, staged objects change,
// answers are lost. Each is made from a seed of its own; STORM_SEED replays one, STORM_FIRST begins at another one.
import { spawnSync } from 'node:child_process';

const { STORM_SCHEDULES = '10000', STORM_SEED, STORM_FIRST } = process.env;
for (const [name, value] of Object.entries({ STORM_SCHEDULES, STORM_SEED, STORM_FIRST })) {
  if (value === undefined || /^\d{1,10}$/.test(value)) continue;
  console.error(`${name} has to be a whole number.`);
  process.exit(2);
}
const files = STORM_SEED === undefined ? [] : ['test/storm/first-half'];
const command = ['--no-install', 'vitest', 'run', '--project', 'storm', ...files];
const { status } = spawnSync('npx', command, {
  stdio: 'inherit',
  env: { ...process.env, STORM_SCHEDULES },
});
process.exitCode = status ?? 1;
