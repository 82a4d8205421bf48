/**
 * Functions that administer tasks and tables, one call at a time: each opens connections of its own. `connect()` offers
 * the same over one pool.
 */

import type { AccessConfig, LoaderConfigSource } from './config/access-config.ts';
import { Connected } from './connected.ts';
import type { MigrateOptions } from './migrate/migrate-options.ts';
import type { MigrationReport } from './migrate/migration-report.ts';
import type { AbortedTask, AbortOptions } from './operations/abort-task.ts';
import type { GarbageOptions, GarbageReport } from './operations/collect-garbage.ts';
import type { EngineDescription } from './operations/engine-choice.ts';
import type { TaskFilter } from './operations/list-tasks.ts';
import type { RejectedRecord } from './operations/rejected-records.ts';
import type { TaskDetails } from './operations/show-task.ts';
import type { TaskOverview } from './operations/task-overview.ts';
import type { PrepareOptions } from './prepare/prepare-options.ts';

/** Holds no connection: each operation makes and ends its own. */
function once(access: AccessConfig): Connected {
  return new Connected(access);
}

/**
 * The tasks of a database, newest first, those of other SDKs included.
 *
 * @example
 * ```ts
 * import { listTasks } from 'relyt-sdk';
 *
 * const database = { postgresql: { connectionString: process.env.DATABASE_URL } };
 * for (const task of await listTasks(database, { status: 'FAILED' })) console.log(task.processId, task.error);
 * ```
 * @throws RelytError SCHEMA_MISSING, DATABASE_…
 */
export async function listTasks(
  access: AccessConfig,
  filter: TaskFilter = {},
): Promise<TaskOverview[]> {
  return once(access).tasks(filter);
}

/**
 * The rejected records of a task, in their order, read in pages as you iterate.
 *
 * @example
 * ```ts
 * import { rejectedRecords } from 'relyt-sdk';
 *
 * const database = { postgresql: { connectionString: process.env.DATABASE_URL } };
 * for await (const { record, reason } of rejectedRecords(database, '6f6d…')) console.log(reason, record);
 * ```
 * @throws RelytError TASK_NOT_FOUND, SCHEMA_MISSING, DATABASE_…
 */
export async function* rejectedRecords(
  access: AccessConfig,
  processId: string,
): AsyncGenerator<RejectedRecord> {
  yield* once(access).rejectedRecords(processId);
}

/**
 * Everything that is known of one task.
 * @throws RelytError TASK_NOT_FOUND, SCHEMA_MISSING, DATABASE_…
 */
export async function showTask(access: AccessConfig, processId: string): Promise<TaskDetails> {
  return once(access).task(processId);
}

/**
 * Cancels a task that no process works on. What is staged and not imported is deleted; the task is CANCELLED and
 * cannot be resumed.
 * @throws RelytError TASK_NOT_FOUND; ABORT_REFUSED when it is alive, has ended, or is foreign; S3_…, DATABASE_…
 */
export async function abortTask(
  access: AccessConfig,
  processId: string,
  options: AbortOptions = {},
): Promise<AbortedTask> {
  return once(access).abort(processId, options);
}

/**
 * Deletes staged objects that no task needs any more: objects and unfinished uploads of tasks that are COMPLETED or
 * CANCELLED, leftovers of those that FAILED, and what belongs to no known task. It never deletes what a resume needs.
 * @throws RelytError SCHEMA_MISSING, LOADER_CONFIG_…, S3_…, DATABASE_…
 */
export async function collectGarbage(
  access: AccessConfig,
  options: GarbageOptions = {},
): Promise<GarbageReport> {
  return once(access).gc(options);
}

/**
 * Moves the groups of main tables that have become big to their auxiliary tables, or with `back` those that have
 * become small to the main ones, while loads continue. Every group lives in one table at any time. Moves that
 * an earlier migration left unfinished are finished first; two migrations at once share the groups. A group that
 * cannot be moved does not stop the others: look at `failed` of each table in the report.
 *
 * @throws RelytError CONFIG_INVALID, TABLE_NOT_FOUND, ROUTING_INVALID, MIGRATION_REFUSED, DATABASE_…
 */
export async function migrateGroups(
  config: AccessConfig,
  options: MigrateOptions,
): Promise<MigrationReport> {
  return once(config).migrate(options);
}

/**
 * What `prepare()` of a handle does, as SQL for an administrator to read and run. It needs no database and holds no
 * secret. Without a database 'auto' means the engine 'postgres', and routing has to be prepared with a connection.
 *
 * @example
 * ```ts
 * import { writeFileSync } from 'node:fs';
 * import { prepareScript } from 'relyt-sdk';
 *
 * writeFileSync('for-the-administrator.sql', await prepareScript({ roles: ['loader'] }));
 * ```
 * @throws RelytError CONFIG_INVALID, LOADER_CONFIG_INVALID
 */
export async function prepareScript(
  options: Omit<PrepareOptions, 'routing'> & LoaderConfigSource = {},
): Promise<string> {
  const { scriptFor } = await import('./prepare/prepare.ts');
  return scriptFor(options);
}

/** The ways in which databases read staged files. It needs no database; `engine()` of a handle says which one fits. */
export async function listEngines(): Promise<readonly EngineDescription[]> {
  const { describedEngines } = await import('./operations/engine-choice.ts');
  return describedEngines();
}
