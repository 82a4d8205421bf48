// G7, G8: a project file is read from the working directory only if no other user could have written it; code only by name.

import { chmodSync, chownSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { PROJECT_FILE, readProjectFile } from '../../../../src/cli/project/project-file.ts';
import { namedProjectFile } from '../../../../src/cli/project/project-option.ts';

function folderWith(files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'relyt-project-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  for (const [name, text] of Object.entries(files)) writeFileSync(path.join(folder, name), text);
  return folder;
}

test('there need be none', async () => {
  expect(await readProjectFile(undefined, folderWith({}))).toBeUndefined();
});

test('the one of the working directory is read, unless it is declined', async () => {
  const folder = folderWith({ [PROJECT_FILE]: '{"table":"public.t"}' });
  expect(await readProjectFile(undefined, folder)).toEqual({
    path: path.join(folder, PROJECT_FILE),
    settings: { table: 'public.t' },
  });
  expect(await readProjectFile(false, folder)).toBeUndefined();
});

test.each([
  ['an object', 'export default { table: "public.t" };'],
  ['a function', 'export default async () => ({ table: "public.t" });'],
])('code is run when it is named: %s', async (_, code) => {
  const folder = folderWith({ 'settings.mjs': code });
  const file = await readProjectFile('settings.mjs', folder);
  expect(file?.settings).toEqual({ table: 'public.t' });
});

test('code in the working directory is not run', async () => {
  const code = 'throw new Error("was run")';
  const folder = folderWith({ 'relyt.config.js': code, 'relyt.config.mjs': code });
  expect(await readProjectFile(undefined, folder)).toBeUndefined();
});

describe('what is refused', () => {
  test('a file that every user may write, unless it is named', async () => {
    const folder = folderWith({ [PROJECT_FILE]: '{}' });
    chmodSync(path.join(folder, PROJECT_FILE), 0o666);
    await expect(readProjectFile(undefined, folder)).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      message: expect.stringContaining('every user can write it'),
      hint: expect.stringContaining('--no-config'),
    });
    expect(await readProjectFile(PROJECT_FILE, folder)).toMatchObject({ settings: {} });
  });

  test.runIf(process.getuid?.() === 0)('a file of another user', async () => {
    const folder = folderWith({ [PROJECT_FILE]: '{}' });
    chownSync(path.join(folder, PROJECT_FILE), 12_345, 12_345);
    await expect(readProjectFile(undefined, folder)).rejects.toMatchObject({
      message: expect.stringContaining('it belongs to another user'),
    });
  });

  test.each([
    ['no JSON', '{', /cannot be read/],
    ['no object', '[1]', /are not an object/],
  ])('%s', async (_, text, message) => {
    const folder = folderWith({ [PROJECT_FILE]: text });
    await expect(readProjectFile(undefined, folder)).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      message: expect.stringMatching(message),
    });
  });

  test('a file that is named and is not there', async () => {
    await expect(readProjectFile('none.json', folderWith({}))).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
    });
  });
});

test.each([
  [['load', 'x'], undefined],
  [['load', '--config', 'a.json'], 'a.json'],
  [['load', '--config=a.json'], 'a.json'],
  [['load', '--no-config', '--config', 'a'], false],
  [['load', '--', '--config', 'a'], undefined],
] as const)('%j names %s', (args, named) => {
  expect(namedProjectFile(args)).toBe(named);
});
