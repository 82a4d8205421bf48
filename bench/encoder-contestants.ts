/** What the benchmark of the encoder compares: each one turns records into the bytes of a part. */

import { stringify } from 'csv-stringify/sync';
import type { Layout } from '../src/core/layout.ts';
import type { ColumnType, TargetColumn, TargetTable } from '../src/core/target-table.ts';
import { createRecordEncoder } from '../src/records/encoder.ts';
import { resolveMapping } from '../src/records/mapping.ts';
import { TupleEncoder } from '../src/records/tuple-encoder.ts';
import type { BenchRecord } from './records.ts';

const PART_BYTES = 8 * 1024 * 1024;
/** Longer ropes take longer to flatten than they save in calls. */
const FLUSH_LENGTH = 4096;
const FLUSH_BYTES = 96 * 1024;

export interface EmbeddedRecord {
  readonly id: number;
  readonly embedding: Float32Array;
}

/** Appends to one part buffer, as staging does, and wraps round instead of uploading. */
export class PartBuffer {
  readonly blocked = false;
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

export type Contestant<R> = (records: readonly R[], part: PartBuffer) => void;

/** The encoder of this package, by layout; CSV on several lanes if wanted. */
export function csvEncoder<R extends object>(table: TargetTable, lanes = 1): Contestant<R> {
  let encoder: ReturnType<typeof createRecordEncoder> | undefined;
  return (records, part) => {
    encoder ??= createRecordEncoder({
      table,
      mapping: resolveMapping({ table, first: records[0] }),
      lanes,
    });
    let pending = '';
    let ordinal = 0;
    for (const record of records) {
      ordinal += 1;
      const line = encoder.encode(record, ordinal);
      // Long values come beside the line.
      for (const field of encoder.longFields) for (const piece of field) part.writeBytes(piece);
      pending += line;
      if (pending.length >= FLUSH_LENGTH) {
        part.writeText(pending);
        pending = '';
      }
    }
    part.writeText(pending);
  };
}

export function binaryEncoder<R extends object>(table: TargetTable): Contestant<R> {
  let encoder: TupleEncoder | undefined;
  const layout: Layout = { format: 'binary', forms: table.columns.map(() => 'native' as const) };
  return (records, part) => {
    encoder ??= new TupleEncoder({
      table,
      mapping: resolveMapping({ table, first: records[0] }),
      lanes: 1,
      layout,
    });
    let ordinal = 0;
    for (const record of records) {
      ordinal += 1;
      const rows = encoder.encode(record, ordinal);
      if (rows.size >= FLUSH_BYTES || ordinal === records.length) rows.drain(part);
    }
  };
}

export function naiveJoin(records: readonly BenchRecord[], part: PartBuffer): void {
  let ordinal = 0;
  for (const { id, group_id, ext, created_at, score } of records) {
    ordinal += 1;
    const values = [ordinal, id, group_id, ext, created_at, score];
    part.writeBytes(Buffer.from(`${values.map(naiveField).join(',')}\n`));
  }
}

function naiveField(value: unknown): string {
  if (value === null || value === undefined) return '';
  const text = value instanceof Date ? value.toISOString() : String(value);
  return text === '' || /[",\n\r\\]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

export function csvStringify(records: readonly BenchRecord[], part: PartBuffer): void {
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
export function textsAlone(records: readonly BenchRecord[], part: PartBuffer): void {
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

const DIMENSIONS = 768;

export function embeddedRecords(count: number): EmbeddedRecord[] {
  return Array.from({ length: count }, (_, id) => ({
    id,
    embedding: Float32Array.from({ length: DIMENSIONS }, (_, i) => Math.sin(id * 7919 + i)),
  }));
}

function targetColumn(name: string, sqlType: string, type: Partial<ColumnType>): TargetColumn {
  return {
    name,
    sqlType,
    type: { name: sqlType, kind: 'base', typmod: -1, delimiter: ',', ...type },
    notNull: name === 'id',
    hasDefault: false,
    identity: 'none',
    generated: false,
    deterministic: true,
  };
}

function targetTable(columns: readonly TargetColumn[]): TargetTable {
  const place = { schema: 'public', name: 'bench', kind: 'table' } as const;
  return { ...place, columns, primaryKey: ['id'], key: ['id'], keyDeferrable: false };
}

export const ENCODED_TABLE = targetTable([
  targetColumn('id', 'bigint', { name: 'int8' }),
  targetColumn('group_id', 'integer', { name: 'int4' }),
  targetColumn('ext', 'text', {}),
  targetColumn('created_at', 'timestamp with time zone', { name: 'timestamptz' }),
  targetColumn('score', 'double precision', { name: 'float8' }),
]);

export const EMBEDDED_TABLE = targetTable([
  targetColumn('id', 'integer', { name: 'int4' }),
  targetColumn('embedding', `vector(${DIMENSIONS})`, {
    name: 'vector',
    schema: 'public',
    typmod: DIMENSIONS,
  }),
]);
