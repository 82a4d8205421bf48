// Makes dist/bundle of dist/: what `npm pack` ships, in few files, because Node needs more than half a second to find, read
// and compile the 430 that a load takes. And dist/armable, the same code with its failpoints, which tests arm in processes
// of their own. The libraries stay where they are installed, except those of the monitor. Part of `npm run build`.

import { rmSync } from 'node:fs';
import path from 'node:path';
import { bundleCode } from './bundling/code.mjs';
import { writeEsModule } from './bundling/es-module.mjs';
import { withoutFailpoints } from './bundling/failpoints.mjs';
import { writeNotices } from './bundling/libraries.mjs';
import { bundlePage } from './bundling/page.mjs';
import { bundleTypes } from './bundling/types.mjs';

const dist = path.join(import.meta.dirname, '../dist');
const shipped = path.join(dist, 'bundle');
const armable = path.join(dist, 'armable');

for (const folder of [shipped, armable]) rmSync(folder, { recursive: true, force: true });
const names = await bundleCode(dist, shipped, ['index', 'cli/main'], [withoutFailpoints()]);
await bundleCode(dist, armable, ['index', 'administration', 'failpoints'], []);
await bundleTypes(dist, shipped);
writeEsModule(shipped, names);
await bundlePage(path.join(shipped, 'page'));
writeNotices(shipped);
