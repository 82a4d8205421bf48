import { bytesDifference } from '../core/staged-bytes.ts';
import type { Database } from '../database/database.ts';
import {
  type DeadTaskRow,
  deadTasks,
  leftExternalTables,
  type NeededFileRow,
  neededFiles,
} from '../database/statements/garbage.ts';
import type { Staging } from '../staging/staging-place.ts';
import { storedBytes } from '../task/find-staged.ts';
import { s3Location } from '../task/stored-settings.ts';

/** A staged file that a resume needs and that is not there as it was staged: it would fail with STAGED_FILE_… */
export interface LostFile {
  readonly processId: string;
  readonly fileId: string;
  readonly key: string;
  readonly expectedBytes: number;
  /** Null: there is no such object. */
  readonly foundBytes: number | null;
  /** In which way the object is another one, by length, ETag or checksum, to complete "it …"; null where there is none. */
  readonly difference: string | null;
}

/** A task that is RUNNING although its process sent no heartbeat for longer than its lease. */
export interface DeadTask {
  readonly processId: string;
  readonly table: string;
  readonly owner: string;
  /** UTC, ISO 8601. */
  readonly lastSeenAt: string;
}

/** Irregularities that a person must decide about. Nothing is changed. */
export interface Irregularities {
  readonly lost: readonly LostFile[];
  readonly dead: readonly DeadTask[];
  /** External tables that outlived their transaction. */
  readonly externalTables: readonly string[];
}

export async function readIrregularities(
  database: Database,
  staging: Staging,
): Promise<Irregularities> {
  const dead = await database.query<DeadTaskRow>(deadTasks());
  const externals = await database.query<{ name: string }>(leftExternalTables());
  return {
    lost: await lostFiles(database, staging),
    dead: dead.map((row) => ({
      processId: row.process_id,
      table: row.pg_table,
      owner: row.owner,
      lastSeenAt: row.heartbeat_at,
    })),
    externalTables: externals.map(({ name }) => name),
  };
}

/** Asked twice: a task that was resumed meanwhile may have imported a file, and deleted it. */
async function lostFiles(database: Database, { store, s3 }: Staging): Promise<LostFile[]> {
  const needed = () => database.query<NeededFileRow>(neededFiles(s3Location(s3)));
  const missing: LostFile[] = [];
  for (const row of await needed()) {
    const stored = storedBytes(row);
    const found = await store.headObject(row.s3_key);
    const difference = found && bytesDifference(stored, found);
    if (found !== undefined && difference === undefined) continue;
    missing.push({
      processId: row.process_id,
      fileId: String(row.file_id),
      key: row.s3_key,
      expectedBytes: stored.size,
      foundBytes: found?.size ?? null,
      difference: difference ?? null,
    });
  }
  if (missing.length === 0) return [];
  const still = new Set((await needed()).map(({ s3_key }) => s3_key));
  return missing.filter(({ key }) => still.has(key));
}
