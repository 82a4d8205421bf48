// Makes dist/bundle of dist/: the package in few files, because Node needs more than half a second to find, read and
// compile the 430 that a load takes. The libraries stay where they are installed. Part of `npm run build`.

import { rmSync } from 'node:fs';
import path from 'node:path';
import { build } from 'esbuild';

const dist = path.join(import.meta.dirname, '../dist');
const outdir = path.join(dist, 'bundle');
/** What users import and run, and what tests arm in processes that do. */
const ENTRIES = ['index', 'cli/main', 'administration', 'failpoints'];

rmSync(outdir, { recursive: true, force: true });
await build({
  entryPoints: ENTRIES.map((name) => ({ in: path.join(dist, `${name}.js`), out: name })),
  outdir,
  bundle: true,
  packages: 'external',
  format: 'esm',
  platform: 'node',
  target: 'node20.15',
  // The entries share their modules, and what is loaded late stays late.
  splitting: true,
  logLevel: 'warning',
});
