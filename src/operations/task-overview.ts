import { redact } from '../core/redaction.ts';
import type { TaskState } from '../core/task-state.ts';
import type { Reader } from '../database/session.ts';
import {
  listForeignOverviews,
  listOverviews,
  type OverviewFilter,
  type OverviewRow,
} from '../database/statements/overview.ts';
import { applicationNameOf } from '../task/take-over.ts';
import { hasTaskTables } from './access.ts';

/** A task in a list. */
export interface TaskOverview {
  readonly processId: string;
  /** The key of the task; null when it has none. */
  readonly key: string | null;
  /** Target as `schema.table`. */
  readonly table: string;
  readonly status: TaskState;
  /** Whether a process still works on it: RUNNING, and its lease has not expired. Null for a foreign RUNNING task: not known. */
  readonly alive: boolean | null;
  /**
   * Whether the database has a connection of its process, while it is alive. False means that the process is most
   * probably gone: a resume looks twice and then takes the task without waiting for its lease. Null where this
   * cannot be seen: as another role without superuser rights, behind a connection pooler, after a restart of the server.
   */
  readonly connected: boolean | null;
  /** Made by another SDK, so that only its checkpoint row is known. */
  readonly foreign: boolean;
  /** `host:pid` of the process that has or had it; null for a foreign task. */
  readonly owner: string | null;
  /** UTC, ISO 8601. */
  readonly startedAt: string;
  /** Of the last committed import; null when there was none. UTC, ISO 8601. */
  readonly lastInsertAt: string | null;
  readonly files: { readonly total: number; readonly imported: number };
  /** Records that imports brought in, rejected ones not counted; null for a foreign task. */
  readonly records: number | null;
  readonly rejected: number;
  /** Why it failed or was cancelled. */
  readonly error: string | null;
}

/** Reads overviews, newest task first. @throws RelytError SCHEMA_MISSING */
export async function readOverviews(
  database: Reader,
  filter: OverviewFilter,
): Promise<TaskOverview[]> {
  const statement = (await hasTaskTables(database)) ? listOverviews : listForeignOverviews;
  const rows = await database.query<OverviewRow>(statement(filter));
  return rows.map(overviewOf);
}

function overviewOf(row: OverviewRow): TaskOverview {
  return {
    processId: row.process_id,
    key: row.key,
    table: row.pg_table,
    // Another SDK might know other words; they are shown as they are.
    status: row.status as TaskState,
    alive: isAlive(row),
    connected: isConnected(row),
    foreign: row.is_foreign,
    owner: row.owner,
    startedAt: row.started_at,
    lastInsertAt: row.last_insert_at,
    files: { total: row.files_total, imported: row.files_imported },
    records: row.records_imported,
    rejected: row.rejected,
    // Another SDK may have written more than it should.
    error: row.error_message === null ? null : redact(row.error_message),
  };
}

function isConnected(row: OverviewRow): boolean | null {
  if (row.owner === null || isAlive(row) !== true) return null;
  // A process of an older version that took the task over left the name of the one before it.
  const isItsName = row.holder_name === applicationNameOf(row.process_id, row.owner);
  return isItsName && row.holder_connections !== null ? row.holder_connections > 0 : null;
}

function isAlive(row: OverviewRow): boolean | null {
  if (row.status !== 'RUNNING') return false;
  return row.lease_left_seconds === null ? null : row.lease_left_seconds > 0;
}
