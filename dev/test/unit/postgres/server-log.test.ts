import {
  appendFileSync,
  closeSync,
  existsSync,
  mkdtempSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { ServerLog } from '../../../src/postgres/server-log.ts';

let folder: string;
let log: ServerLog;

beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'relyt-log-'));
  log = new ServerLog(path.join(folder, 'postgres.log'));
});

afterEach(() => rmSync(folder, { recursive: true }));

function numbered(from: number, to: number): string {
  return Array.from({ length: to - from + 1 }, (_, i) => `line ${from + i}\n`).join('');
}

test('the tail is the last 200 lines', () => {
  writeFileSync(log.path, numbered(1, 1000));
  const lines = log.tail().split('\n');
  expect(lines).toHaveLength(200);
  expect(lines[0]).toBe('line 801');
  expect(lines.at(-1)).toBe('line 1000');
});

test('the tail of very long lines is bounded in bytes and begins with a whole line', () => {
  const line = `begin ${'x'.repeat(10_000)} end`;
  writeFileSync(log.path, `${line}\n`.repeat(50));
  const lines = log.tail().split('\n');
  expect(lines.length).toBeLessThan(7);
  for (const one of lines) expect(one).toBe(line);
});

test('the tail from a position holds nothing older', () => {
  writeFileSync(log.path, 'an earlier run\n');
  const position = log.size;
  expect(log.tail(position)).toBe('');
  appendFileSync(log.path, 'this run\n');
  expect(log.tail(position)).toBe('this run');
});

test('a log that does not exist yet is empty', () => {
  expect(log.size).toBe(0);
  expect(log.tail()).toBe('');
});

test('G7: only its owner can read the file', () => {
  closeSync(log.open());
  expect(statSync(log.path).mode & 0o777).toBe(0o600);
});

test('a large log is put aside when a server starts, and only one is kept', () => {
  writeFileSync(log.path, Buffer.alloc(17 * 1024 * 1024, 'x\n'));
  closeSync(log.open());
  expect(log.size).toBe(0);
  expect(existsSync(`${log.path}.1`)).toBe(true);
});

test('following delivers whole lines, and the last ones when it ends', async () => {
  appendFileSync(log.path, 'before\n');
  const lines: string[] = [];
  const end = log.follow((line) => lines.push(line));
  const bytes = Buffer.from('first\nzwölf\n');
  const insideCharacter = bytes.indexOf(0xb6);
  appendFileSync(log.path, bytes.subarray(0, insideCharacter));
  await vi.waitFor(() => expect(lines).toEqual(['first']));
  appendFileSync(log.path, bytes.subarray(insideCharacter));
  appendFileSync(log.path, 'last\n');
  end();
  expect(lines).toEqual(['first', 'zwölf', 'last']);
});
