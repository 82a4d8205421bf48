import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { RelytDevError } from '../../../src/dev-error.ts';
import { cachedCopy, makeLibraryLinks } from '../../../src/postgres/native-files.ts';

let folder: string;
let native: string;

// A package as it comes out of the registry: files, a list of links, no links.
beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'relyt-native-'));
  native = path.join(folder, 'package', 'native');
  mkdirSync(path.join(native, 'bin'), { recursive: true });
  mkdirSync(path.join(native, 'lib'));
  writeFileSync(path.join(native, 'bin', 'postgres'), 'program', { mode: 0o700 });
  writeFileSync(path.join(native, 'lib', 'libx.so.1.2'), 'library', { mode: 0o600 });
  const links = [
    { source: 'native/lib/libx.so.1.2', target: 'native/lib/libx.so' },
    { source: 'native/lib/libx.so.1.2', target: 'native/lib/libx.so.1' },
  ];
  writeFileSync(path.join(native, 'pg-symlinks.json'), JSON.stringify(links));
});

afterEach(() => rmSync(folder, { recursive: true }));

describe('makeLibraryLinks', () => {
  test('makes relative links that lead to the library, however often it runs', () => {
    expect(makeLibraryLinks(native)).toBe(true);
    expect(makeLibraryLinks(native)).toBe(true);
    expect(readlinkSync(path.join(native, 'lib', 'libx.so.1'))).toBe('libx.so.1.2');
    expect(readFileSync(path.join(native, 'lib', 'libx.so'), 'utf8')).toBe('library');
  });

  test('leaves a file alone that stands where a link should be', () => {
    writeFileSync(path.join(native, 'lib', 'libx.so'), 'a copy instead of a link');
    expect(makeLibraryLinks(native)).toBe(true);
    expect(lstatSync(path.join(native, 'lib', 'libx.so')).isFile()).toBe(true);
  });

  test('has nothing to do for a package without a list', () => {
    rmSync(path.join(native, 'pg-symlinks.json'));
    expect(makeLibraryLinks(native)).toBe(true);
    expect(readdirSync(path.join(native, 'lib'))).toEqual(['libx.so.1.2']);
  });
});

describe('cachedCopy', () => {
  const cacheOf = (): string => path.join(folder, 'cache');

  test('has the links and can be read by everybody, whatever the modes of the original', async () => {
    chmodSync(path.join(native, 'bin'), 0o700);
    const copy = await cachedCopy(native, cacheOf());
    expect(readFileSync(path.join(copy, 'lib', 'libx.so'), 'utf8')).toBe('library');
    expect(statSync(path.join(copy, 'bin')).mode & 0o777).toBe(0o755);
    expect(statSync(path.join(copy, 'bin', 'postgres')).mode & 0o777).toBe(0o755);
    expect(statSync(path.join(copy, 'lib', 'libx.so.1.2')).mode & 0o777).toBe(0o644);
    expect(existsSync(path.join(native, 'lib', 'libx.so'))).toBe(false);
  });

  test('several at once end with one complete copy and nothing beside it', async () => {
    const copies = await Promise.all([1, 2, 3, 4].map(() => cachedCopy(native, cacheOf())));
    expect(new Set(copies).size).toBe(1);
    expect(readdirSync(folder).sort()).toEqual(['cache', 'package']);
    expect(readdirSync(path.join(cacheOf(), 'native', 'lib'))).toHaveLength(3);
  });

  test('a second one uses the first', async () => {
    const first = statSync(await cachedCopy(native, cacheOf()));
    const second = statSync(await cachedCopy(native, cacheOf()));
    expect(second.ino).toBe(first.ino);
  });

  test('a copy that lost a file is made again', async () => {
    const copy = await cachedCopy(native, cacheOf());
    rmSync(path.join(copy, 'lib', 'libx.so.1.2'));
    await cachedCopy(native, cacheOf());
    expect(readFileSync(path.join(copy, 'lib', 'libx.so.1.2'), 'utf8')).toBe('library');
    expect(readdirSync(folder).sort()).toEqual(['cache', 'package']);
  });

  test('a folder that others may write is not trusted', async () => {
    mkdirSync(cacheOf());
    chmodSync(cacheOf(), 0o777);
    const error = await cachedCopy(native, cacheOf()).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(RelytDevError);
    expect(error).toMatchObject({
      code: 'DEV_SERVER_UNAVAILABLE',
      message: expect.stringContaining(cacheOf()),
      hint: expect.stringContaining('TMPDIR'),
    });
  });
});
