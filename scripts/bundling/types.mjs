// The types of the package, in one file: what index.d.ts of dist/ reaches, and nothing besides.

import path from 'node:path';
import { rollup } from 'rollup';
import { dts } from 'rollup-plugin-dts';

export async function bundleTypes(dist, folder) {
  const bundle = await rollup({
    input: path.join(dist, 'index.d.ts'),
    external: (id) => !id.startsWith('.') && !path.isAbsolute(id),
    plugins: [dts()],
  });
  await bundle.write({ file: path.join(folder, 'index.d.cts'), format: 'cjs' });
  await bundle.close();
}
