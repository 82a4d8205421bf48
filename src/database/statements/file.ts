import { fileStatesBefore } from '../../core/file-state.ts';
import type { ConflictMode } from '../../core/import-counts.ts';
import { type Layout, layoutText } from '../../core/layout.ts';
import type { LineRun } from '../../core/record-lines.ts';
import { redact } from '../../core/redaction.ts';
import type { ReachedPlace } from '../../core/source-place.ts';
import type { StagedBytes } from '../../core/staged-bytes.ts';
import type { Writer } from '../../core/writer.ts';
import type { Statement } from '../statement.ts';
import { hasImports } from './import.ts';

export interface NewFile {
  readonly fileId: number;
  readonly generation: number;
  readonly lane: number;
  readonly bucket: string;
  readonly key: string;
  readonly url: string;
}

export interface FrozenFile {
  readonly fileId: number;
  readonly lane: number;
  readonly key: string;
  readonly firstOrdinal: number;
  readonly lastOrdinal: number;
  readonly records: number;
  readonly bytes: number;
  /** Of its object; undefined for a file in memory. */
  readonly stored: StagedBytes | undefined;
  /** Of the numbers of its records. */
  readonly ordinalSum: bigint;
  readonly layout: Layout;
  /** Ordinals between the first and the last that no row has; undefined where the rows hold their ordinals. */
  readonly gaps?: readonly number[] | undefined;
  /** Of its records in their source; empty when no line is known. */
  readonly lines: readonly LineRun[];
}

/** Parameters $1 to $3 of every statement that writes in the name of a writer; it touches no row when the lease is lost. */
export const isWriters =
  'exists (select 1 from relyt_sys.relyt_loader_task t where t.process_id = $1 and t.epoch = $2 and t.owner = $3)';

export const insertFile = (writer: Writer, file: NewFile): Statement => ({
  name: 'insertFile',
  text: `insert into relyt_sys.relyt_loader_file
  (process_id, file_id, generation, lane, s3_bucket, s3_key, s3_url, status, created_at, owner_role)
select $1, $4, $5, $6, $7, $8, $9, 'CREATED', now(), t.owner_role
from relyt_sys.relyt_loader_task t
where t.process_id = $1 and t.epoch = $2 and t.owner = $3
  and not exists (select 1 from relyt_sys.relyt_loader_file f where f.process_id = $1 and f.file_id = $4)`,
  values: [
    writer.processId,
    writer.epoch,
    writer.owner,
    file.fileId,
    file.generation,
    file.lane,
    file.bucket,
    file.key,
    file.url,
  ],
});

/** The files of a generation. */
export interface FrozenFiles {
  readonly files: readonly FrozenFile[];
  /** Names of the staged columns, in the order of the fields. */
  readonly columns: readonly string[];
  /** What their imports do with a key that is there already. */
  readonly mode: ConflictMode;
  readonly source: Pick<ReachedPlace, 'position' | 'positionOrdinal' | 'filePosition'>;
}

/** SQL: the files as rows, and the parameters $2 to $15 of a statement that writes them. */
export const FROZEN_ROWS = `unnest($2::int8[], $3::int8[], $4::int8[], $5::int8[], $6::int8[], $7::text[], $8::numeric[], $9::text[],
            $10::text[]`;
export const FROZEN_COLUMNS =
  'file_id, first_ordinal, last_ordinal, records, bytes, lines, ordinal_sum, layout, gaps';

/** $2 to $10 are the columns of those rows; then come columns, positions and mode. */
export function frozenValues({ files, columns, mode, source }: FrozenFiles): readonly unknown[] {
  return [
    files.map((file) => file.fileId),
    files.map((file) => file.firstOrdinal),
    files.map((file) => file.lastOrdinal),
    files.map((file) => file.records),
    files.map((file) => file.bytes),
    files.map(({ lines }) => jsonOf(lines.length === 0 ? undefined : lines)),
    files.map((file) => String(file.ordinalSum)),
    files.map(({ layout }) => layoutText(layout)),
    files.map(({ gaps }) => jsonOf(gaps)),
    columns,
    jsonOf(source.filePosition),
    jsonOf(source.position),
    source.position === undefined ? null : source.positionOrdinal,
    mode,
  ];
}

/** In the transaction that advanced the task, and so checked the epoch. */
export const freezeFiles = (processId: string, frozen: FrozenFiles): Statement => ({
  name: 'freezeFiles',
  text: `update relyt_sys.relyt_loader_file f
set status = 'FROZEN', frozen_at = now(), first_ordinal = n.first_ordinal, last_ordinal = n.last_ordinal,
    num_records = n.records, num_bytes = n.bytes, stored_bytes = n.stored_bytes, etag = n.etag, crc32 = n.crc32,
    source_lines = n.lines::jsonb, ordinal_sum = n.ordinal_sum, layout = n.layout, ordinal_gaps = n.gaps::jsonb,
    staged_columns = $11::text[], source_position = $12::jsonb, reached_position = $13::jsonb,
    reached_ordinal = $14::int8, conflict_mode = $15
from ${FROZEN_ROWS}, $16::int8[], $17::text[], $18::int8[])
  as n (${FROZEN_COLUMNS}, stored_bytes, etag, crc32)
where f.process_id = $1 and f.file_id = n.file_id and f.status = any($19::text[])`,
  values: [
    processId,
    ...frozenValues(frozen),
    frozen.files.map(({ stored }) => stored?.size ?? null),
    frozen.files.map(({ stored }) => stored?.etag ?? null),
    frozen.files.map(({ stored }) => stored?.crc32 ?? null),
    fileStatesBefore('freeze'),
  ],
});

/** The file as this writer created it: the key tells it from one of a later epoch. */
export const ownFile = (writer: Writer, file: NewFile): Statement => ({
  name: 'ownFile',
  text: `select 1 from relyt_sys.relyt_loader_file
where process_id = $1 and file_id = $4 and s3_key = $5 and ${isWriters}`,
  values: [writer.processId, writer.epoch, writer.owner, file.fileId, file.key],
});

/** Those of the files that are frozen, or further. */
export const frozenFiles = (processId: string, files: readonly FrozenFile[]): Statement => ({
  name: 'frozenFiles',
  text: `select file_id from relyt_sys.relyt_loader_file
where process_id = $1 and file_id = any($2::int8[]) and frozen_at is not null`,
  values: [processId, files.map((file) => file.fileId)],
});

/**
 * An importer takes files; an attempt after a failure takes them again. No row where the database has lost an import
 * that is known to be committed: what follows it must not come before it (G3).
 */
export const takeFiles = (
  writer: Writer,
  fileIds: readonly number[],
  committed: readonly number[] = [],
): Statement => ({
  name: 'takeFiles',
  text: `update relyt_sys.relyt_loader_file set status = 'IMPORTING', attempts = attempts + 1
where process_id = $1 and file_id = any($4::int8[]) and status = any($5::text[]) and ${isWriters}
  and ${hasImports('$6')}`,
  values: [
    writer.processId,
    writer.epoch,
    writer.owner,
    fileIds,
    fileStatesBefore('take'),
    committed,
  ],
});

/**
 * The flip of G1: counts as imported only what was being imported. A row count other than the number of
 * files must roll the transaction back. The caller holds the task's epoch (`holdEpoch`).
 */
export const commitFiles = (
  processId: string,
  fileIds: readonly number[],
  importId: number,
): Statement => ({
  name: 'commitFiles',
  text: `update relyt_sys.relyt_loader_file
set status = 'IMPORTED', imported_at = clock_timestamp(), import_id = $3, error = null
where process_id = $1 and file_id = any($2::int8[]) and status = any($4::text[])`,
  values: [processId, fileIds, importId, fileStatesBefore('commit')],
});

export const failFiles = (
  writer: Writer,
  fileIds: readonly number[],
  error: string,
): Statement => ({
  name: 'failFiles',
  text: `update relyt_sys.relyt_loader_file set status = 'ERROR', error = $5
where process_id = $1 and file_id = any($4::int8[]) and status = any($6::text[]) and ${isWriters}`,
  values: [
    writer.processId,
    writer.epoch,
    writer.owner,
    fileIds,
    redact(error),
    fileStatesBefore('fail'),
  ],
});

export const releaseFiles = (writer: Writer, fileIds: readonly number[]): Statement => ({
  name: 'releaseFiles',
  text: `update relyt_sys.relyt_loader_file set status = 'FROZEN', error = null
where process_id = $1 and file_id = any($4::int8[]) and status = any($5::text[]) and ${isWriters}`,
  values: [writer.processId, writer.epoch, writer.owner, fileIds, fileStatesBefore('release')],
});

/** Rows of files that never were frozen, after their objects are gone. */
export const forgetFiles = (writer: Writer, fileIds: readonly number[]): Statement => ({
  name: 'forgetFiles',
  text: `delete from relyt_sys.relyt_loader_file
where process_id = $1 and file_id = any($4::int8[]) and frozen_at is null and ${isWriters}`,
  values: [writer.processId, writer.epoch, writer.owner, fileIds],
});

/** Settles an unknown outcome: which of these files has the lost COMMIT of this very import made IMPORTED. */
export const importedFiles = (
  writer: Writer,
  importId: number,
  fileIds: readonly number[],
): Statement => ({
  name: 'importedFiles',
  text: `select file_id from relyt_sys.relyt_loader_file
where process_id = $1 and import_id = $4 and file_id = any($5::int8[]) and status = 'IMPORTED' and ${isWriters}`,
  values: [writer.processId, writer.epoch, writer.owner, importId, fileIds],
});

/** Files whose rows are gone with their table wait again. The caller holds the task's epoch (`holdEpoch`). */
export const reopenFiles = (processId: string, fileIds: readonly number[]): Statement => ({
  name: 'reopenFiles',
  text: `update relyt_sys.relyt_loader_file set status = 'FROZEN', imported_at = null, import_id = null
where process_id = $1 and file_id = any($2::int8[]) and status = any($3::text[])`,
  values: [processId, fileIds, fileStatesBefore('lose')],
});

/** Keys of imported files that are in S3, in pages: those behind `after`, in the order of their ids. */
export const importedKeys = (processId: string, after: number, limit: number): Statement => ({
  name: 'importedKeys',
  text: `select file_id, s3_key as key from relyt_sys.relyt_loader_file
where process_id = $1 and file_id > $2 and status = 'IMPORTED' and s3_bucket <> '' order by file_id limit $3`,
  values: [processId, after, limit],
});

/** Of these S3 keys those that are in no row of the task. */
export const keysWithoutRow = (processId: string, keys: readonly string[]): Statement => ({
  name: 'keysWithoutRow',
  text: `select k.key from unnest($2::text[]) as k (key)
where not exists (
  select 1 from relyt_sys.relyt_loader_file f where f.process_id = $1 and f.s3_key = k.key
)`,
  values: [processId, keys],
});

/** A file as a resume, `gc` and `show` need it. */
export interface FileRow {
  readonly file_id: number;
  readonly generation: number;
  readonly lane: number;
  readonly s3_bucket: string;
  readonly s3_key: string;
  readonly status: 'CREATED' | 'FROZEN' | 'IMPORTING' | 'IMPORTED' | 'ERROR';
  readonly num_records: number;
  readonly stored_bytes: number;
  readonly etag: string | null;
  readonly crc32: number | null;
  /** A numeric, so as text. */
  readonly ordinal_sum: string | null;
  readonly first_ordinal: number | null;
  readonly last_ordinal: number | null;
  /** Null where its rows hold their ordinals. */
  readonly ordinal_gaps: readonly number[] | null;
  /** What its import does with a key that is there already; null for a file that an older version staged. */
  readonly conflict_mode: string | null;
  /** Null for a file that an older version staged, for the columns of the task. */
  readonly staged_columns: readonly string[] | null;
  /** The newest position whose records are all in this generation and those before it; null when it reached none. */
  readonly reached_position: unknown;
  readonly reached_ordinal: number | null;
  /** Null for a file that an older version staged, which is CSV. */
  readonly layout: string | null;
  readonly was_frozen: boolean;
  readonly import_id: number | null;
}

export const readFiles = (processId: string): Statement => ({
  name: 'readFiles',
  text: `select file_id, generation, lane, s3_bucket, s3_key, status, num_records, stored_bytes, etag, crc32,
       ordinal_sum::text as ordinal_sum, layout, staged_columns, first_ordinal, last_ordinal, ordinal_gaps,
       conflict_mode, reached_position, reached_ordinal,
       frozen_at is not null as was_frozen, import_id
from relyt_sys.relyt_loader_file where process_id = $1 order by file_id`,
  values: [processId],
});

function jsonOf(value: unknown): string | null {
  return value === undefined ? null : JSON.stringify(value);
}
