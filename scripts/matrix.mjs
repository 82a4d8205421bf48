// `make matrix`: packs the package once, installs it in fresh projects, and uses it there: by each package manager, on each
// Node from 20 on, on Bun and Deno, and with each TypeScript from 5.4 on. `node scripts/matrix.mjs npm` runs the
// part of that name only. Tools come from the npm registry; what cannot be had on this machine is left out, and said so.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { PARTS } from './matrix/parts.mjs';
import { hasRegistry, pack } from './matrix/registry.mjs';
import { Tools, Unavailable } from './matrix/tools.mjs';

const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !Object.hasOwn(PARTS, name));
if (unknown.length > 0) {
  console.error(
    `There is no part ${unknown.join(', ')}; there are ${Object.keys(PARTS).join(', ')}.`,
  );
  process.exit(2);
}

const folder = mkdtempSync(path.join(tmpdir(), 'relyt-matrix-'));
const total = { passed: 0, failed: 0, leftOut: 0 };

function check({ title, run }) {
  const began = Date.now();
  const seconds = () => `${Math.round((Date.now() - began) / 1000)} s`;
  try {
    run();
    total.passed++;
    console.log(`ok        ${title} (${seconds()})`);
  } catch (error) {
    const isLeftOut = error instanceof Unavailable;
    total[isLeftOut ? 'leftOut' : 'failed']++;
    console.log(`${isLeftOut ? 'left out ' : 'FAILED   '} ${title}: ${error.message}`);
  }
}

try {
  if (hasRegistry()) {
    const context = { folder, tarball: pack(folder), tools: new Tools(path.join(folder, 'tools')) };
    for (const [name, checks] of Object.entries(PARTS))
      if (wanted.length === 0 || wanted.includes(name))
        for (const each of checks(context)) check(each);
  } else {
    total.leftOut++;
    console.log('left out  everything: no package registry answers');
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
console.log(`${total.passed} passed, ${total.failed} failed, ${total.leftOut} left out`);
process.exitCode = total.failed === 0 ? 0 : 1;
