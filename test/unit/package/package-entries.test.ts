// The two ways into the package, `import` and `require`: one copy of the code behind both, and types for each.

import { readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { checkPackage, createPackageFromTarballData } from '@arethetypeswrong/core';
import { publint } from 'publint';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PackedPackage } from './packed.ts';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const COMPILER = path.join(ROOT, 'node_modules/typescript/bin/tsc');
let packed: PackedPackage;

beforeAll(async () => {
  packed = await PackedPackage.install();
}, 120_000);

afterAll(() => packed?.remove());

describe('import and require', () => {
  it('give the same names and the same objects', () => {
    const said = evaluate(`
      const imported = await import('relyt-sdk');
      const required = createRequire(import.meta.url)('relyt-sdk');
      const names = Object.keys(required);
      console.log(JSON.stringify({
        names,
        other: Object.keys(imported).filter((name) => !names.includes(name)),
        different: names.filter((name) => imported[name] !== required[name]),
      }));`);

    const { names, other, different } = JSON.parse(said);
    expect(names).toContain('BulkProcessor');
    expect({ other, different }).toEqual({ other: [], different: [] });
  });

  it('hide a secret that one of them was told in what the other one throws (G7)', () => {
    const secret = 'k4-p0w-told-once';
    const said = evaluate(`
      const imported = await import('relyt-sdk');
      const required = createRequire(import.meta.url)('relyt-sdk');
      const refusal = (api, postgresql) =>
        api.BulkProcessor.create({ postgresql }).then(String, ({ message }) => message);
      const nowhere = { host: '127.0.0.1', port: 1, username: 'me', database: 'app', table: 't' };
      await refusal(required, { ...nowhere, password: '${secret}' });
      console.log(await refusal(imported, { ...nowhere, host: 'host-${secret}.invalid' }));`);

    expect(said).toMatch(/host-….invalid/);
    expect(said).not.toContain(secret);
  });

  it('are what publint finds nothing wrong with', { timeout: 60_000 }, async () => {
    const { messages } = await publint({ pkgDir: packed.root, pack: false, strict: true });

    expect(messages).toEqual([]);
  });

  it('have the types that each way to resolve them needs', { timeout: 60_000 }, async () => {
    const tarball = new Uint8Array(readFileSync(packed.tarball));
    const result = await checkPackage(createPackageFromTarballData(tarball));

    expect(result).toMatchObject({ types: { kind: 'included' }, problems: [] });
    expect(Object.keys('entrypoints' in result ? result.entrypoints : {})).toContain('.');
  });
});

const PROGRAM = `import { BulkProcessor, type BulkProcessorConfig, RelytError } from 'relyt-sdk';
const config: BulkProcessorConfig = { postgresql: { table: 'events' } };
export const processor: Promise<BulkProcessor> = BulkProcessor.create(config);
export const error = new RelytError('ABORTED', 'as an example');
// @ts-expect-error: it has types, so what is wrong does not compile.
export const wrong: string = error.hint.length;
`;

/** One way takes what the other way gives. */
const GIVES = "export { RelytError } from 'relyt-sdk';\n";
const TAKES = `import { RelytError } from 'relyt-sdk';
import { RelytError as Other } from './gives.cjs';
export const error: RelytError = new Other('ABORTED', 'as an example');
`;

describe('the types of the package', () => {
  it.each([
    {
      resolution: 'node16',
      flags: '--module node16',
      programs: {
        'module.mts': PROGRAM,
        'module.cts': PROGRAM,
        'gives.cts': GIVES,
        'takes.mts': TAKES,
      },
    },
    {
      resolution: 'bundler',
      flags: '--module esnext --moduleResolution bundler',
      programs: { 'bundled.ts': PROGRAM },
    },
    {
      resolution: 'node10',
      flags: '--module commonjs --moduleResolution node10 --ignoreDeprecations 6.0',
      programs: { 'classic.ts': PROGRAM },
    },
  ])('compile with the resolution $resolution', { timeout: 60_000 }, ({ flags, programs }) => {
    for (const [file, text] of Object.entries(programs)) packed.write(file, text);
    const types = ['--typeRoots', path.join(ROOT, 'node_modules/@types'), '--types', 'node'];
    const checked = '--strict --noEmit --target es2022 --skipLibCheck false'.split(' ');
    const files = Object.keys(programs);

    expect(packed.node(COMPILER, ...checked, ...types, ...flags.split(' '), ...files)).toBe('');
  });
});

function evaluate(program: string): string {
  const text = `import { createRequire } from 'node:module';\n${program}`;
  packed.write('program.mjs', text);
  return packed.node('program.mjs');
}
