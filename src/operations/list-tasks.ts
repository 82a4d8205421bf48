import type { AccessConfig } from '../config/access-config.ts';
import type { TaskState } from '../core/task-state.ts';
import { withDatabase } from './access.ts';
import { readOverviews, type TaskOverview } from './task-overview.ts';

/** Which tasks to list; what is left out does not restrict. */
export interface TaskFilter {
  readonly status?: TaskState | undefined;
  /** `schema.table`, spelled as in the catalogue. */
  readonly table?: string | undefined;
  /** Maximum number of tasks to return, newest first; 20 by default. */
  readonly limit?: number | undefined;
}

const DEFAULT_LIMIT = 20;

export async function readTaskList(
  access: AccessConfig,
  filter: TaskFilter = {},
): Promise<TaskOverview[]> {
  const { status, table, limit = DEFAULT_LIMIT } = filter;
  return withDatabase(access, 'list the tasks', (database) =>
    readOverviews(database, { status, table, limit }),
  );
}
