// The page of the monitor, as a browser gets it.

import { copyFileSync } from 'node:fs';
import path from 'node:path';
import { build } from 'esbuild';

const source = path.join(import.meta.dirname, '../../src/monitor/page');

export async function bundlePage(folder) {
  await build({
    entryPoints: [path.join(source, 'page.ts'), path.join(source, 'page.css')],
    outdir: folder,
    bundle: true,
    minify: true,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    logLevel: 'warning',
  });
  for (const name of ['index.html', 'login.html'])
    copyFileSync(path.join(source, name), path.join(folder, name));
}
