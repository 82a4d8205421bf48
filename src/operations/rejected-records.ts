import type { AccessConfig } from '../config/access-config.ts';
import { redact } from '../core/redaction.ts';
import { restoredJson } from '../core/storable-json.ts';
import type { Database } from '../database/database.ts';
import { pageOfRejects, type RejectedRow } from '../database/statements/rejected-records.ts';
import { databaseOf, operationError, taskNotFound } from './access.ts';
import { readOverviews } from './task-overview.ts';

/** A record that was not loaded, and why. */
export interface RejectedRecord {
  /** Its 1-based number within the task. */
  readonly ordinal: number;
  /**
   * Where the source is after the records it was handed over with, as `insert()` was given; of a record the
   * database refused, after the last call whose records were staged together with it. Null when the application gave no positions.
   */
  readonly position: unknown;
  /** Its own line in the source; null when `insert()` was not given lines. */
  readonly line: number | null;
  /** What refused it: the loader, or the database. */
  readonly stage: 'encode' | 'import';
  /** An error code of this package, or the SQLSTATE of the database. */
  readonly code: string;
  readonly column: string | null;
  /** The constraint it violates, where it was one. */
  readonly constraint: string | null;
  readonly reason: string;
  /**
   * As it was kept: an object, an array of CSV fields, or the text of what could not be read. Null when it has no
   * JSON form.
   */
  readonly record: unknown;
}

const PAGE = 500;

/** Pages of rejected records in their order, so that any number of them can be read. Never empty. */
export async function* rejectedPages(
  database: Database,
  processId: string,
): AsyncGenerator<readonly RejectedRecord[]> {
  let after = 0;
  for (;;) {
    const rows = await database.query<RejectedRow>(pageOfRejects(processId, after, PAGE));
    const last = rows.at(-1);
    if (last === undefined) return;
    yield rows.map(rejectedRecord);
    after = last.ordinal;
  }
}

export async function* readRejected(
  access: AccessConfig,
  processId: string,
): AsyncGenerator<RejectedRecord> {
  const database = databaseOf(access);
  try {
    const [task] = await readOverviews(database, { processId, limit: 1 });
    if (task === undefined) throw taskNotFound(processId);
    if (task.foreign) return;
    for await (const page of rejectedPages(database, processId)) yield* page;
  } catch (error) {
    throw operationError(error, `read the rejected records of ${processId}`);
  } finally {
    await database.close();
  }
}

function rejectedRecord(row: RejectedRow): RejectedRecord {
  const { ordinal, line, stage, code } = row;
  return {
    ordinal,
    position: restoredJson(parsed(row.position)),
    line,
    stage,
    code,
    column: row.column_name,
    constraint: row.constraint_name,
    reason: redact(row.reason),
    record: parsed(row.record),
  };
}

function parsed(json: string | null): unknown {
  return json === null ? null : JSON.parse(json);
}
