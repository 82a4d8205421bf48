/**
 * Speed of the record encoder against csv-stringify and against the join everybody writes first.
 * Prints JSON when it is run as a program (compiled by tsc or esbuild first).
 */

import { pathToFileURL } from 'node:url';
import { stringify } from 'csv-stringify/sync';
import type { ColumnType, TargetColumn, TargetTable } from '../src/core/target-table.ts';
import { createRecordEncoder } from '../src/records/encoder.ts';
import { resolveMapping } from '../src/records/mapping.ts';
import type { RecordEncoder } from '../src/records/record-encoder.ts';

const BATCH = 10_000;
const ROUNDS = 60;
const WARM_UP_ROUNDS = 10;
const PART_BYTES = 8 * 1024 * 1024;
/** Longer ropes take longer to flatten than they save in calls. */
const FLUSH_LENGTH = 4096;

interface BenchRecord {
  id: bigint;
  group_id: number;
  ext: string;
  created_at: Date;
  score: number;
}

export interface EncoderBenchRow {
  readonly name: string;
  /** Median over the rounds. */
  readonly recordsPerSecond: number;
  readonly megabytesPerSecond: number;
  /** How many times as fast as the naive join, and as csv-stringify: medians of the rounds' own ratios. */
  readonly versusNaive: number;
  readonly versusCsvStringify: number;
}

export interface EncoderBench {
  readonly records: number;
  readonly rounds: number;
  readonly rows: readonly EncoderBenchRow[];
}

/** Appends to one part buffer, as staging does, and wraps round instead of uploading. */
class PartBuffer {
  readonly #bytes = Buffer.allocUnsafe(PART_BYTES);
  #used = 0;
  total = 0;

  writeText(text: string): void {
    // Three bytes are the most one UTF-16 unit takes.
    if (this.#used + text.length * 3 > PART_BYTES) this.#used = 0;
    const length = this.#bytes.write(text, this.#used);
    this.#used += length;
    this.total += length;
  }

  writeBytes(bytes: Buffer): void {
    if (this.#used + bytes.length > PART_BYTES) this.#used = 0;
    this.#used += bytes.copy(this.#bytes, this.#used);
    this.total += bytes.length;
  }
}

type Contestant = (records: readonly BenchRecord[], part: PartBuffer) => void;

function encoderContestant(lanes: number): Contestant {
  let encoder: RecordEncoder | undefined;
  return (records, part) => {
    encoder ??= createRecordEncoder({
      table: TABLE,
      mapping: resolveMapping({ table: TABLE, first: records[0] }),
      lanes,
    });
    let pending = '';
    let ordinal = 0;
    for (const record of records) {
      ordinal += 1;
      pending += encoder.encode(record, ordinal);
      if (pending.length >= FLUSH_LENGTH) {
        part.writeText(pending);
        pending = '';
      }
    }
    part.writeText(pending);
  };
}

function naiveJoin(records: readonly BenchRecord[], part: PartBuffer): void {
  let ordinal = 0;
  for (const record of records) {
    ordinal += 1;
    const values = [
      ordinal,
      record.id,
      record.group_id,
      record.ext,
      record.created_at,
      record.score,
    ];
    part.writeBytes(Buffer.from(`${values.map(naiveField).join(',')}\n`));
  }
}

function naiveField(value: unknown): string {
  if (value === null || value === undefined) return '';
  const text = value instanceof Date ? value.toISOString() : String(value);
  return text === '' || /[",\n\r\\]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

function csvStringify(records: readonly BenchRecord[], part: PartBuffer): void {
  const cast = { date: (value: Date) => value.toISOString() };
  for (let start = 0; start < records.length; start += 1000) {
    const rows = records
      .slice(start, start + 1000)
      .map((r, i) => [start + i + 1, r.id, r.group_id, r.ext, r.created_at, r.score]);
    part.writeText(stringify(rows, { cast }));
  }
}

/**
 * What no encoder of these values can save: their texts, as the engine makes them (a date is a number here, since its
 * text costs next to nothing once the day is kept), and the copy into the part. No quotes, no checks.
 */
function textsAlone(records: readonly BenchRecord[], part: PartBuffer): void {
  let pending = '';
  for (const { id, group_id, ext, created_at, score } of records) {
    pending += `${id}${group_id}${ext}${created_at.getTime()}${score}`;
    if (pending.length >= FLUSH_LENGTH) {
      part.writeText(pending);
      pending = '';
    }
  }
  part.writeText(pending);
}

const NAIVE = 'naive map + join';
const CSV_STRINGIFY = 'csv-stringify (sync)';
const CONTESTANTS: Readonly<Record<string, Contestant>> = {
  'relyt-sdk encoder': encoderContestant(1),
  'relyt-sdk encoder, 4 lanes': encoderContestant(4),
  'the values as text, nothing else': textsAlone,
  [NAIVE]: naiveJoin,
  [CSV_STRINGIFY]: csvStringify,
};

/**
 * Runs the contestants in turns and short rounds, so that a busy moment of the machine hits all of
 * them alike; ratios are taken within a round.
 */
export async function benchEncoder(): Promise<EncoderBench> {
  const records = makeRecords(BATCH);
  const names = Object.keys(CONTESTANTS);
  const rounds: ReadonlyMap<string, number>[] = [];
  const bytes = new Map<string, number>();
  for (let round = 0; round < WARM_UP_ROUNDS + ROUNDS; round += 1) {
    const seconds = new Map<string, number>();
    for (const [name, contestant] of Object.entries(CONTESTANTS)) {
      const part = new PartBuffer();
      const started = performance.now();
      contestant(records, part);
      seconds.set(name, (performance.now() - started) / 1000);
      bytes.set(name, part.total);
    }
    if (round >= WARM_UP_ROUNDS) rounds.push(seconds);
    await new Promise((resolve) => setImmediate(resolve));
  }
  const secondsOf = (name: string, round: ReadonlyMap<string, number>) => round.get(name) ?? 0;
  const ratio = (name: string, other: string) =>
    Number(median(rounds.map((r) => secondsOf(other, r) / secondsOf(name, r))).toFixed(2));
  const rows = names.map((name) => {
    const typical = median(rounds.map((round) => secondsOf(name, round)));
    return {
      name,
      recordsPerSecond: Math.round(BATCH / typical),
      megabytesPerSecond: Math.round((bytes.get(name) ?? 0) / typical / 1e6),
      versusNaive: ratio(name, NAIVE),
      versusCsvStringify: ratio(name, CSV_STRINGIFY),
    };
  });
  return { records: BATCH, rounds: ROUNDS, rows };
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

/** Reproducible, a few records a second, every fiftieth text in need of quotes. */
function makeRecords(count: number): BenchRecord[] {
  const start = Date.UTC(2024, 0, 1);
  return Array.from({ length: count }, (_, i) => ({
    id: BigInt(i) * 7919n + 1_000_000_000n,
    group_id: (i * 31) % 1000,
    ext: i % 50 === 0 ? `a "quoted", text ${i}` : `some text of record ${i}`,
    created_at: new Date(start + i * 337),
    score: ((i * 2_654_435_761) % 1_000_003) / 997,
  }));
}

function targetColumn(name: string, sqlType: string, typeName: string): TargetColumn {
  const type: ColumnType = { name: typeName, kind: 'base', typmod: -1, delimiter: ',' };
  return {
    name,
    sqlType,
    type,
    notNull: name === 'id',
    hasDefault: false,
    identity: 'none',
    generated: false,
    deterministic: true,
  };
}

const TABLE: TargetTable = {
  schema: 'public',
  name: 'bench',
  kind: 'table',
  columns: [
    targetColumn('id', 'bigint', 'int8'),
    targetColumn('group_id', 'integer', 'int4'),
    targetColumn('ext', 'text', 'text'),
    targetColumn('created_at', 'timestamp with time zone', 'timestamptz'),
    targetColumn('score', 'double precision', 'float8'),
  ],
  primaryKey: ['id'],
  keyDeferrable: false,
};

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  process.stdout.write(`${JSON.stringify(await benchEncoder(), null, 2)}\n`);
}
