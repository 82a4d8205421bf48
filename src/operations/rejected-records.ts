import type { AccessConfig } from '../config.ts';
import { type Database } from '../database/database.ts';
import { pageOfRejects, type RejectedRow } from '../database/statements/rejected-records.ts';
import { taskNotFound, withDatabase } from './access.ts';
import { readOverviews } from './task-overview.ts';

/** A record that was not loaded, and why. */
export interface RejectedRecord {
  /** Its 1-based number within the task. */
  readonly ordinal: number;
  /** Who refused it: the loader, or the database. */
  readonly stage: 'encode' | 'import';
  /** An error code of this package, or the SQLSTATE of the database. */
  readonly code: string;
  readonly column: string | null;
  readonly reason: string;
  /** As it was kept: an object, an array of CSV fields, or the text of what could not be read; null when it has no JSON form. */
  readonly record: unknown;
}

const PAGE = 500;

/**
 * Hands the rejected records of a task to `take`, in order, a page at a time: any number of them fits into memory.
 * `take` returns false to end early.
 * @throws RelytError TASK_NOT_FOUND, SCHEMA_MISSING, DATABASE_…
 */
export async function readRejected(
  database: Database,
  processId: string,
  take: (records: readonly RejectedRecord[]) => Promise<boolean>,
): Promise<void> {
  let after = 0;
  for (;;) {
    const rows = await database.query<RejectedRow>(pageOfRejects(processId, after, PAGE));
    if (rows.length === 0 || !(await take(rows.map(rejectedRecord)))) return;
    after = rows.at(-1)?.ordinal ?? after;
  }
}

/**
 * The rejected records of a task, in their order. They are read as they are asked for.
 * @throws RelytError TASK_NOT_FOUND, SCHEMA_MISSING, DATABASE_…
 */
export async function* rejectedRecords() {}

function rejectedRecord(row: RejectedRow): RejectedRecord {
  const { ordinal, stage, code, reason } = row;
  const record = row.record === null ? null : (JSON.parse(row.record) as unknown);
  return { ordinal, stage, code, column: row.column_name, reason, record };
}
