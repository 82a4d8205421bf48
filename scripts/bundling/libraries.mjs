// Libraries of the monitor alone: they are part of the bundle, so that a program that loads records does not install them.

import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { build } from 'esbuild';

const root = path.join(import.meta.dirname, '../..');
const BUNDLED = ['hono', '@hono/node-server', 'uplot'];
const PREFIX = '\0bundled:';

/** Whether a module is part of the bundle, not of what its users install. */
export function isBundled(id) {
  return BUNDLED.some((name) => id === name || id.startsWith(`${name}/`));
}

/** @returns a plugin that takes each of them in as one module */
export function bundledLibraries() {
  return {
    name: 'bundled-libraries',
    resolveId: (id) => (isBundled(id) ? PREFIX + id : null),
    async load(id) {
      if (!id.startsWith(PREFIX)) return null;
      const contents = `export * from ${JSON.stringify(id.slice(PREFIX.length))};`;
      const result = await build({
        stdin: { contents, resolveDir: root },
        bundle: true,
        format: 'esm',
        platform: 'node',
        target: 'node20.15',
        write: false,
        logLevel: 'warning',
      });
      return { code: result.outputFiles[0].text, map: { mappings: '' } };
    },
  };
}

/** Their licences ask to be passed on. */
export function writeNotices(folder) {
  const notices = BUNDLED.map((name) => {
    const licence = readFileSync(path.join(root, 'node_modules', name, 'LICENSE'), 'utf8');
    return `${name}\n\n${licence.trim()}\n`;
  });
  writeFileSync(path.join(folder, 'NOTICES.txt'), notices.join('\n---\n\n'));
}
