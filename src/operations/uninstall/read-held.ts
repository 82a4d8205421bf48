import { AUXILIARY_SUFFIX } from '../../core/routing-suffixes.ts';
import { TASK_STATES, taskStatesBefore } from '../../core/task-state.ts';
import type { Held, UnendedTask } from '../../core/uninstall.ts';
import type { Reader } from '../../database/session.ts';
import {
  groupsIn,
  type HeldRecordsRow,
  type HeldTaskRow,
  heldForeignTasks,
  heldRecords,
  heldTasks,
  type RoutedGroupsRow,
  routedMainTables,
  tablesWithMoves,
} from '../../database/statements/uninstall.ts';

/** What the bookkeeping holds, and what of it is in S3. */
export interface Holdings extends Held {
  /** Files were staged in S3 since the schema was made. */
  readonly usesS3: boolean;
  /** Imported files that `cleanup: 'never'` keeps in S3. */
  readonly keptFiles: number;
}

const ENDED = TASK_STATES.filter((state) => !taskStatesBefore('resume').includes(state));

/** @param tables of relyt_sys that are ours, quoted as SQL: a database of the Go SDK has only some of them */
export async function readHoldings(
  session: Reader,
  tables: ReadonlySet<string>,
): Promise<Holdings> {
  const has = (name: string) => tables.has(`relyt_sys.${name}`);
  const ours = has('relyt_loader_task');
  const [records] = ours ? await session.query<HeldRecordsRow>(heldRecords()) : [];
  return {
    tasks: has('relyt_loader_checkpoint') ? await readTasks(session, ours) : [],
    rejected: records?.rejected ?? 0,
    rejectingTasks: records?.rejecting_tasks ?? 0,
    usesS3: records?.uses_s3 ?? false,
    keptFiles: records?.kept_files ?? 0,
    ...(await readGroups(session, has('relyt_loader_move'))),
  };
}

async function readTasks(session: Reader, ours: boolean): Promise<UnendedTask[]> {
  const rows = await session.query<HeldTaskRow>(ours ? heldTasks(ENDED) : heldForeignTasks(ENDED));
  return rows.map((row) => ({
    processId: row.process_id,
    table: row.pg_table,
    foreign: row.is_foreign,
    alive: row.is_foreign ? null : row.lease_held === true,
    files: row.files,
    records: row.records,
  }));
}

async function readGroups(
  session: Reader,
  hasMoves: boolean,
): Promise<Pick<Held, 'moving' | 'routed'>> {
  const tables = await session.query<RoutedGroupsRow>(routedMainTables(AUXILIARY_SUFFIX));
  const moves = hasMoves ? await session.query<{ main_table: string }>(tablesWithMoves()) : [];
  const moved = new Set(moves.map(({ main_table }) => main_table));
  const routed: RoutedGroupsRow[] = [];
  for (const table of tables) {
    const [found] = await session.query<{ groups: number }>(groupsIn(table.routing));
    if (found !== undefined && found.groups > 0) routed.push(table);
  }
  return { moving: tables.filter(({ schema, name }) => moved.has(`${schema}.${name}`)), routed };
}
