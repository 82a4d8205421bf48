// The code of the package, as CommonJS: what requires it and what imports it get the same objects, and with them one class
// of errors and one memory of what is secret.

import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { transform } from 'esbuild';
import { rollup } from 'rollup';
import { chunkOf } from './chunks.mjs';
import { bundledLibraries, isBundled } from './libraries.mjs';

/** @returns what the entry `index` exports. */
export async function bundleCode(dist, folder, entries, plugins) {
  const bundle = await rollup({
    input: Object.fromEntries(entries.map((name) => [name, path.join(dist, `${name}.js`)])),
    external: (id) => !/^[.\0]/.test(id) && !path.isAbsolute(id) && !isBundled(id),
    // What the compiler writes for `using` begins with a look at `this`.
    onLog: (level, log, say) => log.code === 'THIS_IS_UNDEFINED' || say(level, log),
    plugins: [bundledLibraries(), compiled(), ...plugins, lateRequires(), ownPlace(), bare()],
  });
  const { output } = await bundle.write({
    dir: folder,
    format: 'cjs',
    // As Node does it for `import`.
    interop: 'default',
    generatedCode: 'es2015',
    sourcemap: true,
    hoistTransitiveImports: false,
    hashCharacters: 'base36',
    manualChunks: chunkOf(dist),
    onlyExplicitManualChunks: true,
    entryFileNames: '[name].cjs',
    chunkFileNames: '[name]-[hash].cjs',
  });
  await bundle.close();
  return output.find(({ name }) => name === 'index').exports;
}

/** What the compiler wrote, with its map, so that the maps of the bundle lead to the sources. */
function compiled() {
  return {
    name: 'compiled',
    load(file) {
      if (!existsSync(`${file}.map`)) return null;
      const code = readFileSync(file, 'utf8').replace(/^\/\/# sourceMappingURL=.*$/m, '');
      return { code, map: readFileSync(`${file}.map`, 'utf8') };
    },
  };
}

/**
 * `import()` of a name becomes a late `require`: one that stays would fail where CommonJS runs in a context of its own, as
 * in Jest. That of a file found at run time stays; it may be an ES module.
 */
function lateRequires() {
  return {
    name: 'late-requires',
    renderDynamicImport({ targetModuleId }) {
      if (targetModuleId === null) return { left: 'import(', right: ')' };
      return { left: 'Promise.resolve().then(() => require(', right: '))' };
    },
  };
}

/** Where a module finds files beside it. */
function ownPlace() {
  const PLACES = {
    url: "require('node:url').pathToFileURL(__filename).href",
    filename: '__filename',
    dirname: '__dirname',
  };
  return { name: 'own-place', resolveImportMeta: (property) => PLACES[property] ?? null };
}

/** Without comments, which are more than a third of the sources. */
function bare() {
  return {
    name: 'bare',
    async renderChunk(code) {
      const options = { loader: 'js', target: 'node20.15', sourcemap: 'external' };
      const result = await transform(code, { ...options, legalComments: 'none' });
      return { code: result.code, map: result.map };
    },
  };
}
