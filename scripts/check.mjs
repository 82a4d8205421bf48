// For everyday work: lint, types, unit tests, and the integration tests nearest to what changed since CHECK_BASE (main).
// Two steps run at a time. Says what it left out: `make test` runs everything.
import { execFileSync, spawn } from 'node:child_process';
import { readdirSync } from 'node:fs';
import path from 'node:path';

const base = process.env.CHECK_BASE ?? 'main';
/** As many integration test files as take about twenty seconds. */
const MOST_FILES = 4;
/**
 * Unit tests that start compilers, package managers and large processes, half of the time of all; and the one of redaction,
 * which must not know the secrets of other tests: here files share a process, which saves half of the rest.
 */
const LEFT_UNIT = [
  'test/unit/core/redaction.test.ts',
  'test/unit/docs/examples-compile.test.ts',
  'test/unit/input/record-memory.test.ts',
  'test/unit/package/**',
];
const INTEGRATION = ['test/integration', 'dev/test/integration'];

function git(...args) {
  return execFileSync('git', args, { encoding: 'utf8' }).split('\n').filter(Boolean);
}

/** Against where the branch left its base, what is not committed included. */
function changedFiles() {
  const [start = 'HEAD'] = git('merge-base', base, 'HEAD');
  const untracked = git('ls-files', '--others', '--exclude-standard');
  return [...git('diff', '--name-only', '--diff-filter=d', start), ...untracked];
}

function wordsOf(file) {
  const [name = ''] = path.basename(file).split('.');
  return name.split('-').filter((word) => word.length > 3);
}

/** Folders of the tests are called as those of the sources, and files after the same things. */
function nearness(test, changed) {
  const folder = path.basename(path.dirname(test));
  const words = wordsOf(test);
  const points = changed.map((file) => {
    const isNear = file.split('/').slice(1, -1).includes(folder);
    const same = wordsOf(file).filter((word) => words.some((other) => other.startsWith(word)));
    return (isNear ? 1 : 0) + 2 * same.length;
  });
  return Math.max(0, ...points);
}

/** The tests that changed, all of them; then those nearest to the sources and helpers that did. */
function chosenTests(changed) {
  const all = INTEGRATION.flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.test.ts'))
      .map((name) => path.join(folder, name)),
  );
  const edited = all.filter((test) => changed.includes(test));
  const others = changed.filter((file) =>
    /^(dev\/)?(src|test\/(integration|support))\//.test(file),
  );
  const near = all
    .filter((test) => !edited.includes(test))
    .map((test) => ({ test, points: nearness(test, others) }))
    .filter(({ points }) => points > 0)
    .sort((a, b) => b.points - a.points || a.test.localeCompare(b.test));
  const room = Math.max(0, MOST_FILES - edited.length);
  const chosen = [...edited, ...near.slice(0, room).map(({ test }) => test)];
  return { chosen, left: all.length - chosen.length };
}

const failed = [];

async function run(title, ...args) {
  const started = Date.now();
  const child = spawn('npx', ['--no-install', ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  const output = [];
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk) => output.push(chunk));
  const status = await new Promise((resolve) => child.once('close', resolve));
  const seconds = Math.round((Date.now() - started) / 1000);
  if (status !== 0) {
    failed.push(title);
    console.log(Buffer.concat(output).toString('utf8').trimEnd());
  }
  console.log(`── ${title}: ${status === 0 ? 'ok' : 'FAILED'} in ${seconds} s`);
}

async function inTurn(...steps) {
  for (const [title, ...args] of steps) await run(title, ...args);
}

const vitest = (project, ...args) => ['vitest', 'run', '--project', project, ...args];
const { chosen, left } = chosenTests(changedFiles());
const integration = [
  `integration tests: ${chosen.length} files`,
  ...vitest('integration', '--reporter=dot', ...chosen),
];
const unit = vitest(
  'unit',
  '--reporter=dot',
  '--no-isolate',
  ...LEFT_UNIT.flatMap((file) => ['--exclude', file]),
);
const started = Date.now();
await Promise.all([
  inTurn(
    ['lint', 'biome', 'check', '--error-on-warnings', '.'],
    ['layers', 'depcruise', 'src', 'dev/src'],
    ['unused exports', 'knip'],
    ...(chosen.length > 0 ? [integration] : []),
    ['types', 'tsc', '-p', 'tsconfig.json', '--incremental', '--tsBuildInfoFile', '.cache/types'],
    ['types of the page', 'tsc', '-p', 'src/monitor/page/tsconfig.json'],
  ),
  inTurn(['unit tests', ...unit]),
]);
for (const file of chosen) console.log(`   ${file}`);
console.log(`Left out, and run by \`make test\`:
   ${left} files of integration tests: none changed, or others are nearer to what changed since ${base}
   unit tests: ${LEFT_UNIT.join(', ')}
   the suites conformance, crash, versions and storm, generated documentation, demo, package`);
console.log(
  failed.length === 0
    ? `\nok in ${Math.round((Date.now() - started) / 1000)} s`
    : `\nFailed: ${failed.join(', ')}`,
);
process.exitCode = failed.length === 0 ? 0 : 1;
