// Runs everything CI runs, cheap things first, and closes with one line: N passed, N failed.
// A step that is not a test suite (lint, types, generated docs) counts as one test.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

const folder = mkdtempSync(path.join(tmpdir(), 'relyt-results-'));
const total = { passed: 0, failed: 0, skipped: 0 };
const leftOut = [];
/** Repeated at the very end, for readers who see only the tail of a long log. */
const failures = [];

function run(title, command, args) {
  const started = Date.now();
  console.log(`\n── ${title}`);
  const { status } = spawnSync(command, args, { stdio: 'inherit' });
  console.log(
    `── ${title}: ${status === 0 ? 'ok' : 'FAILED'} in ${Math.round((Date.now() - started) / 1000)} s`,
  );
  return status === 0;
}

function check(title, command, args) {
  const ok = run(title, command, args);
  total[ok ? 'passed' : 'failed']++;
  if (!ok) failures.push(title);
}

function suite(project) {
  const output = path.join(folder, `${project}.json`);
  const ok = run(`tests: ${project}`, 'npx', [
    '--no-install',
    'vitest',
    'run',
    '--project',
    project,
    '--reporter=dot',
    '--reporter=json',
    `--outputFile.json=${output}`,
  ]);
  const result = readResult(output);
  console.log(`── slowest files of ${project}, in seconds\n${slowestFiles(result).join('\n')}`);
  total.passed += result.numPassedTests;
  total.failed += result.numFailedTests;
  total.skipped += result.numPendingTests;
  leftOut.push(...skippedSuites(result));
  // A crash of the runner, or an error outside any test, must not look like success.
  if (ok) return;
  failures.push(...failedTests(result));
  if (result.numFailedTests > 0) return;
  total.failed++;
  failures.push(`tests: ${project}: the run itself failed`);
}

function readResult(output) {
  try {
    return JSON.parse(readFileSync(output, 'utf8'));
  } catch {
    return { numPassedTests: 0, numFailedTests: 0, numPendingTests: 0, testResults: [] };
  }
}

/** What to make faster first. Files run side by side, so they add up to more than the suite took. */
function slowestFiles(result) {
  const seconds = (file) => (file.endTime - file.startTime) / 1000;
  return result.testResults
    .toSorted((a, b) => seconds(b) - seconds(a))
    .slice(0, 10)
    .map((file) => `${seconds(file).toFixed(1).padStart(8)}  ${path.relative('.', file.name)}`);
}

function skippedSuites(result) {
  const titles = result.testResults.flatMap((file) =>
    file.assertionResults
      .filter((test) => test.status === 'skipped' || test.status === 'pending')
      .map((test) => test.ancestorTitles[0] ?? test.title),
  );
  return [...new Set(titles)];
}

function failedTests(result) {
  return result.testResults.flatMap((file) =>
    file.assertionResults
      .filter((test) => test.status === 'failed')
      .map((test) => `${test.fullName}\n      ${firstLines(test.failureMessages?.[0])}`),
  );
}

function firstLines(message = '') {
  const lines = message.split('\n').slice(0, 12);
  return lines.map((line) => line.slice(0, 300)).join('\n      ');
}

check('lint', 'npx', ['--no-install', 'biome', 'check', '--error-on-warnings', '.']);
check('layers', 'npx', ['--no-install', 'depcruise', 'src', 'dev/src']);
check('unused exports', 'npx', ['--no-install', 'knip']);
check('types', 'npx', ['--no-install', 'tsc', '-p', 'tsconfig.json']);
check('types of the page', 'npx', ['--no-install', 'tsc', '-p', 'src/monitor/page/tsconfig.json']);
check('words', 'node', ['scripts/check-words.mjs']);
check('generated documentation is current', 'node', ['scripts/generate-docs.mjs', '--check']);
// The same schedules in every run: a failure is of the change, and `make storm` draws others.
process.env.STORM_FIRST ??= '1000000';
for (const project of ['unit', 'conformance', 'integration', 'versions', 'crash', 'storm'])
  suite(project);
check('demo', 'node', ['scripts/demo.mjs']);
// One part of `make matrix`.
check('the package in a fresh project', 'node', ['scripts/matrix.mjs', 'npm']);
rmSync(folder, { recursive: true, force: true });

if (leftOut.length > 0)
  console.log(`\nLeft out on this machine:\n${leftOut.map((title) => `  - ${title}`).join('\n')}`);
if (failures.length > 0)
  console.log(`\nFailed:\n${failures.map((title) => `  - ${title}`).join('\n')}`);
const skipped = total.skipped > 0 ? `, ${total.skipped} skipped` : '';
console.log(`\n${total.passed} passed, ${total.failed} failed${skipped}`);
process.exitCode = total.failed === 0 ? 0 : 1;
