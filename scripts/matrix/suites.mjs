// Test suites as parts of the matrix: what a run of vitest says of each thing that it ran on.

import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { output } from './output.mjs';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const VITEST = path.join(ROOT, 'node_modules/vitest/vitest.mjs');
const LONGEST_MS = 1_800_000;

/** Runs it with this Node. @returns its tests: `title`, `status` and `meta` of each */
export function suite(node, args, env = {}) {
  const folder = mkdtempSync(path.join(tmpdir(), 'relyt-suite-'));
  const file = path.join(folder, 'result.json');
  const reporters = ['--reporter=dot', '--reporter=json', `--outputFile.json=${file}`];
  // A program that a test starts by its name is of the same version.
  const PATH = `${path.dirname(node)}${path.delimiter}${process.env.PATH}`;
  const options = { cwd: ROOT, env: { PATH, ...env }, longestMs: LONGEST_MS };
  try {
    output(node, [VITEST, 'run', ...reporters, ...args], options);
    return testsIn(file);
  } catch (error) {
    const tests = existsSync(file) ? testsIn(file) : [];
    // An error outside any test must not look like success.
    if (tests.every(({ status }) => status !== 'failed')) throw error;
    console.log(error.message);
    return tests;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function testsIn(file) {
  const { testResults } = JSON.parse(readFileSync(file, 'utf8'));
  return testResults.flatMap(({ assertionResults }) =>
    assertionResults.map(({ fullName, status, meta }) => ({ title: fullName, status, meta })),
  );
}

export function counted(tests) {
  const of = (wanted) => tests.filter(({ status }) => status === wanted).length;
  const [passed, failed] = [of('passed'), of('failed')];
  return { passed, failed, leftOut: tests.length - passed - failed };
}

/** Of tests on several servers, those of each server. The server has said what it is. */
export function byServer(tests) {
  const servers = tests.flatMap(({ meta }) => (meta?.server ? [meta.server] : []));
  return servers.map(({ name, version }) => ({
    subject: serverSubject(name, version),
    ...counted(tests.filter(({ title }) => new RegExp(`\\bon '?${name}\\b`).test(title))),
  }));
}

/** `PostgreSQL 18.4 on …`; a cluster has its own name and version in brackets. */
function serverSubject(name, said) {
  const [, version, cluster] = /^PostgreSQL (\S+)(?: \(([A-Z][^)]*?)(?: build[^)]*)?\))?/.exec(
    said,
  );
  const [, major] = /^postgres-(\d+)$/.exec(name) ?? [];
  return major === undefined
    ? { kind: 'cluster', name: cluster ?? name, version: cluster ?? version }
    : { kind: 'PostgreSQL', name: major, version };
}

export function byEngine(tests) {
  return grouped(tests, /the engine ([\w-]+) on/, (name) => ({ kind: 'engine', name }));
}

/** By the older version that an upgrade begins with. */
export function byUpgrade(tests) {
  const subject = (number) => ({ kind: 'upgrade', name: `from schema ${number}` });
  return grouped(tests, /from the loader of schema (\d+)/, subject);
}

/** @param versions by the name of each server, as titles have it */
export function byS3Server(tests, versions) {
  const subject = (name) => ({ kind: 'S3 server', name, version: versions[name] });
  return grouped(tests, new RegExp(`(${Object.keys(versions).join('|')}) `), subject);
}

/** One result for each text that the expression finds in titles, unless all its tests were left out. */
function grouped(tests, expression, subject) {
  const found = ({ title }) => expression.exec(title)?.[1];
  const names = new Set(tests.map(found).filter((name) => name !== undefined));
  return [...names]
    .map((name) => ({
      subject: subject(name),
      ...counted(tests.filter((test) => found(test) === name)),
    }))
    .filter(({ passed, failed }) => passed + failed > 0);
}
