// CPU seconds, user and system, of a process that imports the package or says its version, beside one that imports pg.
// Medians of interleaved runs. Needs a build and bash: `node scripts/start-up.mjs [rounds]`.

import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const ROUNDS = Number(process.argv[2] ?? 15);
const COMPARED = 'pg';
/** Of CPU, in multiples of what importing pg takes. */
const LIMIT = 2;

const CASES = {
  node: ['--eval', '0'],
  [COMPARED]: ['--eval', "import('pg')"],
  'relyt-sdk': ['--eval', "import('relyt-sdk')"],
  'relyt --version': ['dist/bundle/cli/main.cjs', '--version'],
};

/** Node tells the CPU time of its children nowhere; the shell does. */
function cpuSeconds(args) {
  const timed = 'TIMEFORMAT="%U %S"; time "$@" >/dev/null';
  const { status, stderr } = spawnSync('bash', ['-c', timed, 'bash', process.execPath, ...args], {
    cwd: ROOT,
    encoding: 'utf8',
    env: { ...process.env, NODE_OPTIONS: '', LC_ALL: 'C' },
  });
  if (status !== 0) throw new Error(stderr);
  const [user, system] = stderr.trim().split('\n').at(-1).split(' ').map(Number);
  return user + system;
}

function median(values) {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
}

const taken = new Map(Object.keys(CASES).map((name) => [name, []]));
for (let round = 0; round < ROUNDS; round++) {
  for (const [name, args] of Object.entries(CASES)) taken.get(name).push(cpuSeconds(args));
}
const compared = median(taken.get(COMPARED));
const rows = [...taken].map(([name, values]) => ({
  name,
  cpuSeconds: Number(median(values).toFixed(3)),
  timesPg: Number((median(values) / compared).toFixed(2)),
}));
console.table(rows);
if (rows.some(({ timesPg }) => timesPg > LIMIT)) process.exitCode = 1;
