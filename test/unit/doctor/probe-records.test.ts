import { describe, expect, it } from 'vitest';
import {
  PROBE_COLUMNS,
  PROBE_RECORDS,
  type ProbeRow,
  probeDifferences,
} from '../../../src/doctor/probe-records.ts';

/** Rows as a database gives them back that changed nothing. */
const ROWS: readonly ProbeRow[] = PROBE_RECORDS.map(({ text, time, number, bytes }, n) => ({
  id: n + 1,
  text,
  time,
  number,
  bytes: bytes?.toString('hex') ?? null,
}));

function changed(what: string, change: Partial<ProbeRow>): ProbeRow[] {
  const at = PROBE_RECORDS.findIndex((record) => record.what === what);
  expect(at).toBeGreaterThanOrEqual(0);
  return ROWS.map((row, n) => (n === at ? { ...row, ...change } : row));
}

describe('the probe of the doctor (G4)', () => {
  it('finds no difference where there is none', () => {
    expect(probeDifferences(ROWS)).toEqual([]);
  });

  it.each([
    ['NULL', { text: '' }, 'NULL: null came back as ""'],
    ['the empty text', { text: null }, 'the empty text: "" came back as null'],
    ['CR, LF and CR LF', { text: 'a\nb\nc\nd\n' }, /came back as "a\\nb\\nc\\nd\\n"$/],
    [
      'microseconds',
      { time: '2026-02-03T04:05:06.789000Z' },
      /came back as "2026-02-03T04:05:06.789000Z"$/,
    ],
    ['no bytes', { bytes: null }, 'no bytes: "" came back as null'],
  ])('tells what became of %s', (what, change, told) => {
    expect(probeDifferences(changed(what, change))).toEqual([
      typeof told === 'string' ? told : expect.stringMatching(told),
    ]);
  });

  it('notices every column of every record', () => {
    for (const { name } of PROBE_COLUMNS) {
      const other = ROWS.map((row) => ({ ...row, [name]: 'something else' }));
      expect(probeDifferences(other)).toHaveLength(ROWS.length);
    }
  });

  it('notices rows that are missing and rows that are too many (G1)', () => {
    expect(probeDifferences(ROWS.slice(1))).toEqual(['NULL: the row is missing']);
    const [first] = ROWS;
    if (first === undefined) throw new Error('there are rows');
    expect(probeDifferences([...ROWS, { ...first, id: 99 }])).toEqual([
      `${ROWS.length + 1} rows came of ${ROWS.length} records`,
    ]);
  });

  it('holds what loaders get wrong', () => {
    const texts = PROBE_RECORDS.map(({ text }) => text);
    expect(texts).toEqual(expect.arrayContaining([null, '', '\\.', '\\N', 'NULL']));
    expect(texts.some((text) => text?.includes('\r\n'))).toBe(true);
    expect(texts.some((text) => text?.includes('🐘'))).toBe(true);
    expect(PROBE_RECORDS.some(({ number }) => /^\d{40}$/.test(number ?? ''))).toBe(true);
    expect(PROBE_RECORDS.some(({ time }) => /\.\d{5}[1-9]Z$/.test(time ?? ''))).toBe(true);
    expect(PROBE_RECORDS.some(({ bytes }) => new Set(bytes).size === 256)).toBe(true);
  });
});
