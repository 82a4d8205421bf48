// What `npm pack` makes, unpacked as npm would install it: the right files, and it imports, compiles and runs.

import { execFileSync, spawnSync } from 'node:child_process';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ensureBuilt } from '../../support/build.ts';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly dependencies: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
}

const MANIFEST: Manifest = JSON.parse(readFileSync(path.join(ROOT, 'package.json'), 'utf8'));

let folder: string;
let files: string[];

beforeAll(async () => {
  await ensureBuilt();
  folder = mkdtempSync(path.join(os.tmpdir(), 'relyt-pack-'));
  // Without scripts: one that cleans and builds would pull dist away from tests beside this one.
  const pack = [
    'pack',
    '--json',
    '--ignore-scripts',
    '--loglevel=error',
    '--pack-destination',
    folder,
  ];
  const [packed] = JSON.parse(execFileSync('npm', pack, { cwd: ROOT, encoding: 'utf8' }));
  files = packed.files.map((file: { readonly path: string }) => file.path);
  install(path.join(folder, packed.filename));
}, 120_000);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('packed package', () => {
  it('holds the code, its types and what a package has to have', () => {
    const code = ['dist/bundle/index.js', 'dist/bundle/cli/main.cjs', 'dist/index.d.ts'];
    const wanted = [...code, 'package.json'];
    expect(files).toEqual(
      expect.arrayContaining([...wanted, 'README.md', 'LICENSE', 'CHANGELOG.md']),
    );
  });

  it('holds the pages that errors point to (G8)', () => {
    const pages = pagesNamedIn(path.join(ROOT, 'src'));
    expect(pages).toContain('docs/reference/config.md');
    const held = (page: string) => files.some((file) => `${file}/`.startsWith(`${page}/`));

    expect(pages.filter((page) => !held(page))).toEqual([]);
  });

  it('holds nothing else', () => {
    const known =
      /^(dist\/bundle\/.*\.js|dist\/.*\.d\.ts|docs\/(guide|reference)\/[\w-]+\.md|package\.json|README\.md|LICENSE|CHANGELOG\.md)$/;

    // Source maps would point to sources that are not there; build records are of no use to anybody.
    expect(files.filter((file) => !known.test(file))).toEqual([]);
  });

  it('holds nothing of relyt-dev, and neither it nor PostgreSQL is installed with it', () => {
    const { dependencies, optionalDependencies, peerDependencies } = packedManifest();
    const installed = { ...dependencies, ...optionalDependencies, ...peerDependencies };
    expect(Object.keys(installed).filter((name) => /relyt-dev|postgres/.test(name))).toEqual([]);

    const root = path.join(folder, 'node_modules', MANIFEST.name);
    const code = files.filter((file) => /^dist\/.*\.(js|d\.ts)$/.test(file));
    const importing = /(from|import|require)\s*\(?\s*['"]relyt-dev|startPostgres|startS3Server/;
    expect(code.length).toBeGreaterThan(50);
    expect(
      code.filter((file) => importing.test(readFileSync(path.join(root, file), 'utf8'))),
    ).toEqual([]);
  });

  it('says how to get relyt-dev where `relyt dev` needs it (G8)', () => {
    const command = path.join(folder, 'node_modules', MANIFEST.name, 'dist/bundle/cli/main.cjs');

    const { status, stdout } = spawnSync(process.execPath, [command, 'dev', '--json'], {
      cwd: folder,
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

    expect(dev.version).toBe(MANIFEST.version);
  });

  it('imports under its name', () => {
    const program = `const { VERSION } = await import('relyt-sdk'); console.log(VERSION);`;

    expect(node(['--input-type=module', '--eval', program])).toBe(MANIFEST.version);
  });

  it('compiles where it is used', { timeout: 60_000 }, () => {
    writeFileSync(
      path.join(folder, 'consumer.mts'),
      `import { BulkProcessor, type BulkProcessorConfig, RelytError } from 'relyt-sdk';
const config: BulkProcessorConfig = { postgresql: { table: 'events' } };
export const processor: Promise<BulkProcessor> = BulkProcessor.create(config);
export const error = new RelytError('ABORTED', 'as an example');`,
    );
    const compiler = path.join(ROOT, 'node_modules/typescript/bin/tsc');
    const types = path.join(ROOT, 'node_modules/@types');
    const flags = ['--strict', '--noEmit', '--module', 'nodenext', '--target', 'es2022'];

    const said = node([
      compiler,
      ...flags,
      '--typeRoots',
      types,
      '--types',
      'node',
      'consumer.mts',
    ]);

    expect(said).toBe('');
  });

  it('has a command that says its version', () => {
    const command = path.join(folder, 'node_modules', MANIFEST.name, 'dist/bundle/cli/main.cjs');

    expect(readFileSync(command, 'utf8')).toMatch(/^#!\/usr\/bin\/env node\n/);
    expect(node([command, '--version'])).toBe(MANIFEST.version);
  });
});

function packedManifest(): Manifest {
  const file = path.join(folder, 'node_modules', MANIFEST.name, 'package.json');
  return JSON.parse(readFileSync(file, 'utf8')) as Manifest;
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

/** As npm would, but without the network: its dependencies, and no other package, are taken from this checkout. */
function install(tarball: string): void {
  const modules = path.join(folder, 'node_modules');
  mkdirSync(path.join(modules, MANIFEST.name), { recursive: true });
  execFileSync('tar', [
    '-xzf',
    tarball,
    '--strip-components=1',
    '-C',
    path.join(modules, MANIFEST.name),
  ]);
  for (const name of Object.keys(MANIFEST.dependencies)) {
    mkdirSync(path.dirname(path.join(modules, name)), { recursive: true });
    symlinkSync(path.join(ROOT, 'node_modules', name), path.join(modules, name));
  }
}

function node(args: readonly string[]): string {
  const env = { ...process.env, NODE_OPTIONS: '' };
  return execFileSync(process.execPath, args, { cwd: folder, encoding: 'utf8', env }).trim();
}
