import { nextStep } from '../core/next-step.ts';
import type { TaskState } from '../core/task-state.ts';
import type { Reader } from '../database/session.ts';
import { countTasks, type PaceRow, readPaces } from '../database/statements/pace.ts';
import { hasTaskTables } from '../operations/access.ts';
import { readOverviews, type TaskOverview } from '../operations/task-overview.ts';
import { advice, nextCommands, shownStatus } from '../operations/task-status.ts';
import { PACE_SECONDS, type Pace, paceOf } from './pace.ts';

/** A task as the page lists it. */
export interface ListedTask extends TaskOverview {
  /** Its status in words: one that is RUNNING without a process says so. */
  readonly shown: string;
  /** What to do about it, as a sentence, and the commands of that sentence. */
  readonly advice: string;
  readonly commands: readonly string[];
  /** Null unless it is RUNNING, and of this package. */
  readonly pace: Pace | null;
}

export interface TaskPage {
  readonly tasks: readonly ListedTask[];
  /** How many tasks of each status there are. */
  readonly counts: Readonly<Record<string, number>>;
  /** Process id to ask for the next page with; null after the last one. */
  readonly after: string | null;
}

/** Which tasks to list. */
export interface ListedTaskFilter {
  readonly status?: TaskState | undefined;
  /** `schema.table` */
  readonly table?: string | undefined;
  /** Process id of the task before the first one wanted. */
  readonly after?: string | undefined;
}

const PAGE = 50;

/** Newest first. @throws RelytError SCHEMA_MISSING */
export async function readTaskPage(reader: Reader, filter: ListedTaskFilter): Promise<TaskPage> {
  const found = await readOverviews(reader, { ...filter, limit: PAGE + 1 });
  const page = found.slice(0, PAGE);
  const [paces, counts] = await Promise.all([readPacesOf(reader, page), readTaskCounts(reader)]);
  return {
    tasks: page.map((task) => listedTask(task, paces.get(task.processId) ?? null)),
    counts,
    after: found.length > PAGE ? (page.at(-1)?.processId ?? null) : null,
  };
}

export async function readTaskCounts(reader: Reader): Promise<Readonly<Record<string, number>>> {
  const rows = await reader.query<{ status: string; tasks: number }>(countTasks());
  return Object.fromEntries(rows.map(({ status, tasks }) => [status, tasks]));
}

/** Of those that are RUNNING. */
export async function readPacesOf(
  reader: Reader,
  tasks: readonly TaskOverview[],
): Promise<ReadonlyMap<string, Pace>> {
  const running = tasks.filter(({ status, foreign }) => status === 'RUNNING' && !foreign);
  if (running.length === 0 || !(await hasTaskTables(reader))) return new Map();
  const ids = running.map(({ processId }) => processId);
  const rows = await reader.query<PaceRow>(readPaces(ids, PACE_SECONDS));
  return new Map(rows.map((row) => [row.process_id, paceOf(row)]));
}

function listedTask(task: TaskOverview, pace: Pace | null): ListedTask {
  // Whether its files were discarded takes another look: its own page says so.
  const next = nextStep({ ...task, discarded: false });
  return {
    ...task,
    shown: shownStatus(task),
    advice: advice(next, task.processId),
    commands: nextCommands(next, task.processId),
    pace,
  };
}
