import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ReadMarks, recordLine } from '../../../src/input/record-line.ts';
import { targetColumn, targetTable } from '../records/target-fixture.ts';

const TABLE = targetTable([targetColumn('v', 'text')]);
const RECORDS = 40_000;
/** Two lines each, after a header. */
const CSV = `v\n${'"a\nb"\n'.repeat(RECORDS)}`;
let folder = '';

beforeAll(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'relyt-lines-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

function place(recordCount: number) {
  return { byteOffset: 2 + recordCount * 6, line: 2 + recordCount * 2, recordCount };
}

function lineIn(name: string, content: string | Buffer, { record = 1, marks = new ReadMarks() }) {
  const file = path.join(folder, name);
  writeFileSync(file, content);
  const again = { format: { header: true }, table: TABLE, marks, signal: undefined };
  return recordLine(file, record, again);
}

describe('the line of a record', () => {
  test.each([1, 2, RECORDS / 2, RECORDS])('record %i, from the beginning', async (record) => {
    expect(await lineIn('a.csv', CSV, { record })).toBe(2 * record);
    expect(await lineIn('a.csv.gz', gzipSync(CSV), { record })).toBe(2 * record);
  });

  test('from a mark, whatever stands before it', async () => {
    const marks = new ReadMarks();
    marks.pass(place(30_000));
    const changed = CSV.replaceAll('"a\nb"', (found, at: number) =>
      at < 6 * 29_000 ? '"a b"' : found,
    );
    expect(changed).toHaveLength(CSV.length);
    expect(await lineIn('a.csv', changed, { record: 30_001, marks })).toBe(60_002);
    expect(await lineIn('a.csv.gz', gzipSync(changed), { record: 30_500, marks })).toBe(61_000);
    // The mark is behind this one.
    expect(await lineIn('a.csv', CSV, { record: 30_000, marks })).toBe(60_000);
  });

  test('is not known when the file is gone, shorter or no longer readable', async () => {
    expect(await lineIn('a.csv', CSV, { record: RECORDS + 1 })).toBeUndefined();
    expect(await lineIn('a.csv', 'v\n"never closed', {})).toBeUndefined();
    const again = {
      format: { header: true },
      table: TABLE,
      marks: new ReadMarks(),
      signal: undefined,
    };
    expect(await recordLine(path.join(folder, 'none.csv'), 1, again)).toBeUndefined();
  });
});

test('G5: marks are few, however many places were passed, and near all the same', () => {
  const marks = new ReadMarks();
  const passed = 1_000_000;
  for (let n = 1; n <= passed; n++) marks.pass(place(n));
  const known = new Set(Array.from({ length: 5000 }, (_, n) => marks.before(n * 200)?.recordCount));
  expect(known.size).toBeLessThanOrEqual(1001);
  for (const record of [2, 500_000, passed]) {
    const before = marks.before(record)?.recordCount ?? 0;
    expect(before).toBeLessThan(record);
    expect(record - before).toBeLessThanOrEqual(passed / 250);
  }
  expect(marks.before(1)).toBeUndefined();
});
