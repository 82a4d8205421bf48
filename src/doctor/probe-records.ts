/** A value of each kind that loaders get wrong. */

import type { Repertoire } from '../core/repertoire.ts';

export interface ProbeRecord {
  /** What is tried, for a message. */
  readonly what: string;
  readonly text: string | null;
  /** UTC, with microseconds. */
  readonly time: string | null;
  readonly number: string | null;
  readonly bytes: Buffer | null;
}

/** Columns of the probe's table beside its key `id`: the name, the type, and SQL that reads a value back as text. */
export const PROBE_COLUMNS = [
  { name: 'text', type: 'text', readBack: '"text"' },
  {
    name: 'time',
    type: 'timestamp with time zone',
    readBack: `to_char("time" at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`,
  },
  { name: 'number', type: 'numeric', readBack: '"number"::text' },
  { name: 'bytes', type: 'bytea', readBack: `encode("bytes", 'hex')` },
] as const;

const text = (what: string, value: string): ProbeRecord => ({ ...NOTHING, what, text: value });

const NOTHING = { text: null, time: null, number: null, bytes: null };

export const PROBE_RECORDS: readonly ProbeRecord[] = [
  { ...NOTHING, what: 'NULL' },
  text('the empty text', ''),
  text('the text NULL', 'NULL'),
  text('quotes', `"it's" said ""twice""`),
  text('commas', ',a,,b,'),
  text('CR, LF and CR LF', 'a\rb\nc\r\nd\n'),
  text('a backslash and a dot', '\\.'),
  text('the COPY spelling of NULL', '\\N'),
  text('a tab, blanks around', ' \t x '),
  text('emoji and other scripts', '🐘 naïve Ωμέγα 漢字 👩‍👩‍👧'),
  { ...NOTHING, what: 'microseconds', time: '2026-02-03T04:05:06.789012Z' },
  {
    ...NOTHING,
    what: 'a numeric of 40 digits',
    number: '1234567890123456789012345678901234567890',
  },
  { ...NOTHING, what: 'a small numeric', number: '-0.0000000000000000000000000000000000000001' },
  { ...NOTHING, what: 'all bytes', bytes: Buffer.from(Array.from({ length: 256 }, (_, n) => n)) },
  { ...NOTHING, what: 'no bytes', bytes: Buffer.alloc(0) },
];

/** The records without the characters that the database cannot store. */
export function probeRecordsFor(repertoire: Repertoire | undefined): readonly ProbeRecord[] {
  if (repertoire === undefined) return PROBE_RECORDS;
  return PROBE_RECORDS.map((record) =>
    record.text === null ? record : { ...record, text: repertoire.only(record.text) },
  );
}

/** A row of the table as it is read back. */
export type ProbeRow = Readonly<Record<'text' | 'time' | 'number' | 'bytes', string | null>> & {
  readonly id: number;
};

/** One sentence for each value that is not what was given (G4), and for rows that are missing or too many (G1). */
export function probeDifferences(
  rows: readonly ProbeRow[],
  records: readonly ProbeRecord[] = PROBE_RECORDS,
): string[] {
  const found = new Map(rows.map((row) => [row.id, row]));
  const differences = records.flatMap((record, n) => {
    const row = found.get(n + 1);
    return row === undefined ? [`${record.what}: the row is missing`] : rowDifferences(record, row);
  });
  if (rows.length <= records.length) return differences;
  return [...differences, `${rows.length} rows came of ${records.length} records`];
}

function rowDifferences(record: ProbeRecord, row: ProbeRow): string[] {
  const given = { ...record, bytes: record.bytes?.toString('hex') ?? null };
  return PROBE_COLUMNS.filter(({ name }) => given[name] !== row[name]).map(
    ({ name }) =>
      `${record.what}: ${JSON.stringify(given[name])} came back as ${JSON.stringify(row[name])}`,
  );
}
