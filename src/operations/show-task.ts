import type { AccessConfig } from '../config/access-config.ts';
import { GIVEN_UP } from '../core/ending.ts';
import { type Layout, layoutOf, textColumnsOf } from '../core/layout.ts';
import { type NextStep, nextStep } from '../core/next-step.ts';
import { redact } from '../core/redaction.ts';
import { restoredTask } from '../core/storable-json.ts';
import type { Reader } from '../database/session.ts';
import {
  countFiles,
  countForeignFiles,
  type FileCountRow,
  failedFiles,
  type ImportTotalsRow,
  readTaskDetails,
  sumImports,
  type TaskDetailsRow,
} from '../database/statements/task-details.ts';
import { taskNotFound, withDatabase } from './access.ts';
import { readOverviews, type TaskOverview } from './task-overview.ts';

/** The files of a task that are in one state. */
export interface FileCount {
  readonly status: string;
  readonly files: number;
  readonly records: number;
  /** Bytes of rows, before compression; null for a foreign task. */
  readonly encodedBytes: number | null;
  /** Bytes as stored in S3; null for a foreign task. */
  readonly storedBytes: number | null;
}

/** What this package keeps of a task of its own. */
export interface TaskRecord {
  readonly engine: string;
  readonly sdkVersion: string;
  /** The role that created it. */
  readonly ownerRole: string;
  /** Whether another role than the one that asks created it: do not trust what the task says of files and endpoints then. */
  readonly ofAnotherRole: boolean;
  readonly lease: {
    readonly epoch: number;
    /** How long it lasts after a sign of life. */
    readonly seconds: number;
    /** Last sign of life. UTC, ISO 8601. */
    readonly heartbeatAt: string;
    /** Seconds until another process may take a RUNNING task over; negative when the lease ran out. */
    readonly leftSeconds: number;
  };
  /** Every record up to this ordinal is frozen, imported or rejected. */
  readonly lastOrdinal: number;
  /** From where the source is replayed; null for its beginning, and when the application gave no positions. */
  readonly position: unknown;
  /** Ordinal of the last record before that position: of the replay, those up to `lastOrdinal` are skipped. */
  readonly replayAfter: number;
  readonly stagedColumns: readonly string[] | null;
  /** How rows of its staged files are written, in the order in which the layouts came up. */
  readonly layouts: readonly StagedLayout[];
  /** As it was started, without connection and secrets. */
  readonly settings: Readonly<Record<string, unknown>>;
  /** Sums over its imports. */
  readonly rows: ImportTotals;
  /** The first files in ERROR. */
  readonly failedFiles: readonly FailedFile[];
}

/** How rows are written. */
export interface StagedLayout {
  readonly format: Layout['format'];
  /** Columns of a binary layout whose values only the database can read. */
  readonly textColumns: readonly string[];
}

export interface ImportTotals {
  readonly imports: number;
  readonly records: number;
  readonly inserted: number;
  readonly updated: number;
  readonly skipped: number;
  readonly superseded: number;
  readonly rejected: number;
}

export interface FailedFile {
  readonly fileId: string;
  readonly key: string;
  readonly error: string | null;
}

export interface TaskDetails extends TaskOverview {
  readonly filesByStatus: readonly FileCount[];
  /** Null for a foreign task. */
  readonly task: TaskRecord | null;
  readonly next: NextStep;
}

const FAILED_FILES_SHOWN = 5;

export async function describeTask(access: AccessConfig, processId: string): Promise<TaskDetails> {
  return withDatabase(access, `read the task ${processId}`, (database) =>
    readDetails(database, processId),
  );
}

export async function readDetails(database: Reader, processId: string): Promise<TaskDetails> {
  const [overview] = await readOverviews(database, { processId, limit: 1 });
  if (overview === undefined) throw taskNotFound(processId);
  const count = overview.foreign ? countForeignFiles : countFiles;
  const counts = await database.query<FileCountRow>(count(processId));
  const task = overview.foreign ? null : await readOwnTask(database, overview);
  const discarded = task?.failedFiles.some(({ error }) => error?.startsWith(GIVEN_UP)) ?? false;
  return {
    ...overview,
    filesByStatus: counts.map(fileCount),
    task,
    next: nextStep({ ...overview, discarded }),
  };
}

async function readOwnTask(database: Reader, { processId }: TaskOverview): Promise<TaskRecord> {
  const [stored] = await database.query<TaskDetailsRow>(readTaskDetails(processId));
  const [rows] = await database.query<ImportTotalsRow>(sumImports(processId));
  if (stored === undefined || rows === undefined) throw taskNotFound(processId);
  const row = restoredTask(stored);
  const failed = await database.query<{ file_id: number; s3_key: string; error: string | null }>(
    failedFiles(processId, FAILED_FILES_SHOWN),
  );
  return {
    engine: row.engine,
    sdkVersion: row.sdk_version,
    ownerRole: row.owner_role,
    ofAnotherRole: row.is_others,
    lease: {
      epoch: row.epoch,
      seconds: row.lease_seconds,
      heartbeatAt: row.heartbeat_at,
      leftSeconds: Math.round(row.lease_left_seconds),
    },
    lastOrdinal: row.last_ordinal,
    position: row.source_position,
    replayAfter: row.replay_after ?? row.last_ordinal,
    stagedColumns: row.staged_columns,
    layouts: row.layouts.map(({ layout, columns }) => stagedLayout(layout, columns ?? [])),
    settings: row.settings,
    rows,
    failedFiles: failed.map(({ file_id, s3_key, error }) => ({
      fileId: String(file_id),
      key: s3_key,
      error: error === null ? null : redact(error),
    })),
  };
}

function stagedLayout(stored: string | null, columns: readonly string[]): StagedLayout {
  const layout = layoutOf(stored, columns.length);
  return {
    format: layout.format,
    textColumns: textColumnsOf(layout, columns),
  };
}

function fileCount(row: FileCountRow): FileCount {
  const { status, files, records } = row;
  return { status, files, records, encodedBytes: row.encoded_bytes, storedBytes: row.stored_bytes };
}
