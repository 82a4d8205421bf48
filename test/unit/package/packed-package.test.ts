// What is in the package: the right files, no failpoints, and a command that runs.

import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FAILPOINTS } from '../../../src/failpoints.ts';
import { type Manifest, PackedPackage } from './packed.ts';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
/** Half of it are the sources that its maps hold. */
const MOST_FILES = 200;
let packed: PackedPackage;

beforeAll(async () => {
  packed = await PackedPackage.install();
}, 120_000);

afterAll(() => packed?.remove());

describe('packed package', () => {
  it('holds the code, its types and what a package has to have', () => {
    const entries = ['index.js', 'index.cjs', 'index.d.ts', 'index.d.cts', 'cli/main.cjs'];
    const code = [...entries, 'page/page.js', 'NOTICES.txt'].map((name) => `dist/bundle/${name}`);
    const wanted = [...code, 'package.json', 'README.md', 'LICENSE', 'CHANGELOG.md'];

    expect(packed.files).toEqual(expect.arrayContaining(wanted));
  });

  it('holds the pages that errors point to (G8)', () => {
    const pages = pagesNamedIn(path.join(ROOT, 'src'));
    expect(pages).toContain('docs/reference/config.md');
    const held = (page: string) => packed.files.some((file) => `${file}/`.startsWith(`${page}/`));

    expect(pages.filter((page) => !held(page))).toEqual([]);
  });

  it('holds nothing else, in few files', () => {
    const known =
      /^(dist\/bundle\/(index\.js|index\.d\.c?ts|[\w/-]+\.cjs(\.map)?|page\/(index|login)\.html|page\/page\.(js|css)|NOTICES\.txt)|docs\/(guide|reference)\/[\w-]+\.md|package\.json|README\.md|LICENSE|CHANGELOG\.md)$/;

    expect(packed.files.filter((file) => !known.test(file))).toEqual([]);
    expect(packed.files.length).toBeLessThan(MOST_FILES);
  });

  it('leads from each file of code to the sources, which its map holds', () => {
    const code = packed.files.filter((file) => file.endsWith('.cjs'));
    for (const file of code) {
      const { sources, sourcesContent } = JSON.parse(packed.read(`${file}.map`));
      expect(packed.read(file)).toContain(`//# sourceMappingURL=${path.basename(file)}.map`);
      for (const [index, source] of sources.entries()) {
        const original = path.resolve(ROOT, path.dirname(file), source);
        expect(sourcesContent[index], source).toBe(readFileSync(original, 'utf8'));
      }
    }
    expect(code.length).toBeGreaterThan(10);
  });

  it('tells the place of an error in the sources where Node is asked to', () => {
    const program = `
      const { BulkProcessor } = require('relyt-sdk');
      BulkProcessor.create({ postgresql: 1 }).catch(({ stack }) => console.log(stack));`;

    expect(packed.node('--enable-source-maps', '--eval', program)).toMatch(
      /src[/\\]config[/\\]checked-config\.ts:\d+/,
    );
  });

  it('holds no failpoint, by whatever name', () => {
    const code = packed.files.filter((file) => /\.(c?js|d\.c?ts)$/.test(file));
    const texts = code.map((file) => packed.read(file)).join('\n');
    const names = FAILPOINTS.filter((name) => name.includes('-'));

    expect(texts).not.toMatch(/failpoint/i);
    expect(names.filter((name) => texts.includes(`"${name}"`))).toEqual([]);
    // What tests arm has them, so the names are those.
    const armable = readdirSync(path.join(ROOT, 'dist/armable')).filter((f) => f.endsWith('.cjs'));
    const armed = armable.map((name) =>
      readFileSync(path.join(ROOT, 'dist/armable', name), 'utf8'),
    );
    expect(names.filter((name) => !armed.join('\n').includes(`"${name}"`))).toEqual([]);
  });

  it('lets nothing outside reach what it does not export', () => {
    const paths = ['failpoints', 'dist/failpoints.js', 'dist/armable/failpoints.cjs'];
    const program = `
      for (const path of ${JSON.stringify(paths)})
        try { require('relyt-sdk/' + path); } catch (error) { console.log(error.code); }`;

    expect(packed.node('--eval', program).split('\n')).toEqual(
      paths.map(() => 'ERR_PACKAGE_PATH_NOT_EXPORTED'),
    );
    expect(packed.files.filter((file) => /failpoints|armable/.test(file))).toEqual([]);
  });

  it('holds nothing of relyt-dev, and neither it nor PostgreSQL is installed with it', () => {
    const { dependencies, optionalDependencies, peerDependencies } = packedManifest();
    const installed = { ...dependencies, ...optionalDependencies, ...peerDependencies };
    expect(Object.keys(installed).filter((name) => /relyt-dev|postgres/.test(name))).toEqual([]);

    const code = packed.files.filter((file) => /\.(c?js|d\.c?ts)$/.test(file));
    const importing = /(from|import|require)\s*\(?\s*['"]relyt-dev|startPostgres|startS3Server/;
    expect(code.length).toBeGreaterThan(10);
    expect(code.filter((file) => importing.test(packed.read(file)))).toEqual([]);
  });

  it('says how to get relyt-dev where `relyt dev` needs it (G8)', () => {
    const { status, stdout } = spawnSync(process.execPath, [packed.command, 'dev', '--json'], {
      cwd: packed.folder,
      encoding: 'utf8',
      // One that finds the package beside the folder would run for ever.
      timeout: 20_000,
    });

    expect(status).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({
      ok: false,
      code: 'DEV_PACKAGE_MISSING',
      hint: expect.stringContaining('`npm install --save-dev relyt-dev`'),
    });
  });

  it('is tested with the relyt-dev of the same version', () => {
    const dev = JSON.parse(readFileSync(path.join(ROOT, 'dev/package.json'), 'utf8'));

    expect(dev.version).toBe(packed.manifest.version);
  });

  it('says where its sources are and where to report what is wrong, as relyt-dev does', () => {
    const dev: Manifest = JSON.parse(readFileSync(path.join(ROOT, 'dev/package.json'), 'utf8'));
    const { repository, homepage, bugs, publishConfig } = packedManifest();
    const web = repository.url.replace(/^git\+|\.git$/g, '');

    expect(web).toMatch(/^https:\/\/github\.com\/[\w-]+\/[\w-]+$/);
    expect({ homepage, bugs }).toEqual({
      homepage: `${web}#readme`,
      bugs: { url: `${web}/issues` },
    });
    // Without it the registry could not tell from which sources the package was built.
    expect(publishConfig.provenance).toBe(true);
    expect(dev.repository.url).toBe(repository.url);
    for (const page of ['SECURITY.md', '.github/ISSUE_TEMPLATE/config.yml'])
      expect(readFileSync(path.join(ROOT, page), 'utf8')).toContain(
        `${web}/security/advisories/new`,
      );
  });

  it('has a command that says its version', () => {
    expect(readFileSync(packed.command, 'utf8')).toMatch(/^#!\/usr\/bin\/env node\n/);
    expect(packed.node(packed.command, '--version')).toBe(packed.manifest.version);
  });
});

function packedManifest(): Manifest {
  return JSON.parse(packed.read('package.json')) as Manifest;
}

/** Pages and folders of docs/ that the code names, its comments apart. */
function pagesNamedIn(folder: string): string[] {
  const sources = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.ts'),
  );
  const pages = sources.flatMap((name) =>
    readFileSync(path.join(folder, name), 'utf8')
      .split('\n')
      .filter((line) => !/^\s*(\/?\*|\/\/)/.test(line))
      .flatMap((line) => line.match(/\bdocs(\/[\w-]+)+(\.md)?/g) ?? []),
  );
  return [...new Set(pages)];
}
