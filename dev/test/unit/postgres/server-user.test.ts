import { chmodSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { blockedAt, serverUser } from '../../../src/postgres/server-user.ts';

// Somebody who owns nothing here and is in no group of ours.
const STRANGER = { uid: 54_321, gid: 54_321 };

let folder: string;
let program: string;

beforeEach(() => {
  folder = realpathSync(mkdtempSync(path.join(os.tmpdir(), 'relyt-user-')));
  chmodSync(folder, 0o755);
  mkdirSync(path.join(folder, 'bin'));
  program = path.join(folder, 'bin', 'postgres');
  writeFileSync(program, '', { mode: 0o755 });
});

afterEach(() => rmSync(folder, { recursive: true }));

test('a free way is not blocked', () => {
  expect(blockedAt(program, STRANGER)).toBeUndefined();
});

test('the outermost folder that keeps the user out is named', () => {
  chmodSync(path.join(folder, 'bin'), 0o700);
  expect(blockedAt(program, STRANGER)).toBe(path.join(folder, 'bin'));
  chmodSync(folder, 0o700);
  expect(blockedAt(program, STRANGER)).toBe(folder);
});

test('a program the user may not execute is named itself', () => {
  chmodSync(program, 0o744);
  expect(blockedAt(program, STRANGER)).toBe(program);
});

test("the owner's bits decide for the owner, the group's for its members", () => {
  const owner = { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 };
  chmodSync(program, 0o700);
  expect(blockedAt(program, owner)).toBeUndefined();
  expect(blockedAt(program, { uid: STRANGER.uid, gid: owner.gid })).toBe(program);
  chmodSync(program, 0o710);
  expect(blockedAt(program, { uid: STRANGER.uid, gid: owner.gid })).toBeUndefined();
});

test('a path that does not exist yet is judged by the folders that do', () => {
  expect(blockedAt(path.join(folder, 'new', 'data'), STRANGER)).toBeUndefined();
});

test('nobody but root needs another user', async () => {
  const user = await serverUser(path.join(folder, 'missing'));
  if (process.getuid?.() === 0) expect(user?.uid).toBeGreaterThan(0);
  else expect(user).toBeUndefined();
});
