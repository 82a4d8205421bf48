// `make matrix`: packs the package once, installs it in fresh projects, and uses it there: by each package manager, on each
// Node from 20 on, on Bun and Deno, and with each TypeScript from 5.4 on. Then it runs the suite of all guarantees
// on each version of PostgreSQL and of Node, and that of S3 servers. With --record it writes what ran on what, and when, to
// test/versions/runs.json. `node scripts/matrix.mjs npm` runs the part of that name only. Tools come from the npm
// registry; what cannot be had on this machine is left out, and said so.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { LOCAL_PARTS, PARTS } from './matrix/parts.mjs';
import { RunRecord } from './matrix/record.mjs';
import { hasRegistry, pack } from './matrix/registry.mjs';
import { Tools, Unavailable } from './matrix/tools.mjs';

const recorded = process.argv.includes('--record');
const wanted = process.argv.slice(2).filter((argument) => argument !== '--record');
const unknown = wanted.filter((name) => !Object.hasOwn(PARTS, name));
if (unknown.length > 0) {
  console.error(
    `There is no part ${unknown.join(', ')}; there are ${Object.keys(PARTS).join(', ')}.`,
  );
  process.exit(2);
}

const folder = mkdtempSync(path.join(tmpdir(), 'relyt-matrix-'));
const total = { passed: 0, failed: 0, leftOut: 0 };
const ONE_PASSED = { passed: 1, failed: 0, leftOut: 0 };
const record = new RunRecord();

function check({ title, subject, run }) {
  const began = Date.now();
  try {
    const ran = run() ?? { counts: ONE_PASSED, results: [{ subject, ...ONE_PASSED }] };
    const seconds = Math.round((Date.now() - began) / 1000);
    add(ran, `${title} (${seconds} s)`);
  } catch (error) {
    if (error instanceof Unavailable) {
      total.leftOut++;
      console.log(`left out  ${title}: ${error.message}`);
      return;
    }
    const failed = { passed: 0, failed: 1, leftOut: 0 };
    const results = subject === undefined ? [] : [{ subject, ...failed }];
    add({ counts: failed, results }, `${title}: ${error.message}`);
  }
}

function add({ counts, results }, title) {
  for (const name of Object.keys(total)) total[name] += counts[name];
  console.log(`${counts.failed === 0 ? 'ok       ' : 'FAILED   '} ${title}`);
  for (const { subject, ...result } of results) record.add(subject, result);
}

try {
  const parts = wanted.length > 0 ? wanted : Object.keys(PARTS);
  const online = hasRegistry();
  const context = { folder, tarball: pack(folder), tools: new Tools(path.join(folder, 'tools')) };
  for (const name of parts) {
    if (online || LOCAL_PARTS.includes(name)) {
      PARTS[name](context).forEach(check);
      // Part by part: what ends the run loses no more than one.
      if (recorded) record.write();
    } else {
      total.leftOut++;
      console.log(`left out  ${name}: no package registry answers`);
    }
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
console.log(`${total.passed} passed, ${total.failed} failed, ${total.leftOut} left out`);
process.exitCode = total.failed === 0 ? 0 : 1;
