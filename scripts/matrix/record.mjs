// test/versions/runs.json: of each thing that the matrix ever ran on, the latest run. `make docs` makes a page of it.

import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { output } from './output.mjs';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const FILE = `${ROOT}test/versions/runs.json`;

const keyOf = ({ kind, name }) => `${kind}\n${name}`;

export class RunRecord {
  #runs = new Map();
  /** As it was before what is tested could change. */
  #commit = commit();

  /** Adds what ran on the subject, `kind`, `name` and perhaps `version`, to what ran on it before in this run. */
  add(subject, { passed, failed, leftOut }) {
    if (subject === undefined) return;
    const before = this.#runs.get(keyOf(subject)) ?? { passed: 0, failed: 0, leftOut: 0 };
    this.#runs.set(keyOf(subject), {
      ...subject,
      passed: before.passed + passed,
      failed: before.failed + failed,
      leftOut: before.leftOut + leftOut,
    });
  }

  /** What did not run now keeps what is known of it. */
  write() {
    const known = existsSync(FILE) ? JSON.parse(readFileSync(FILE, 'utf8')) : [];
    const all = new Map(known.map((run) => [keyOf(run), run]));
    const run = { at: now(), commit: this.#commit, machine: `${process.platform}-${process.arch}` };
    for (const [key, counts] of this.#runs) all.set(key, { ...counts, ...run });
    const sorted = [...all.values()].sort((a, b) =>
      keyOf(a).localeCompare(keyOf(b), 'en', { numeric: true }),
    );
    writeFileSync(FILE, `${JSON.stringify(sorted, null, 2)}\n`);
  }
}

/** UTC, to the second. */
function now() {
  return new Date().toISOString().replace(/\.\d+Z$/, 'Z');
}

function commit() {
  const hash = output('git', ['rev-parse', '--short=7', 'HEAD'], { cwd: ROOT });
  const tested = ['--', 'src', 'test', ':!test/versions/runs.json'];
  const changed = output('git', ['status', '--porcelain', ...tested], { cwd: ROOT });
  return changed === '' ? hash : `${hash}, changed`;
}
