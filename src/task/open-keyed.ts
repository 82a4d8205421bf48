import type { LoadConfig } from '../config/load-config.ts';
import { resolveConfig } from '../config/load-schema.ts';
import { asRelytError } from '../core/task-failure.ts';
import { Database } from '../database/database.ts';
import { databaseError } from '../database/database-error.ts';
import { beginTask } from './begin-task.ts';
import type { ResumeOptions } from './claim-task.ts';
import { checkedKey, findKeyed, type KeyedTask, openAsFound } from './keyed-task.ts';
import type { OpenTask } from './open-task.ts';
import { planLoad } from './plan-load.ts';
import { resumeTask } from './resume-task.ts';

/** A task by its key, open or complete. */
export type FoundByKey =
  | { readonly state: 'created' | 'resumed'; readonly task: OpenTask }
  | { readonly state: 'complete'; readonly processId: string };

/**
 * Begins the task of a key, continues it, or finds it complete. A task that was cancelled leaves its key free.
 * @throws RelytError as `beginTask` and `resumeTask`
 */
export async function openKeyed(
  key: string,
  given: LoadConfig,
  options: ResumeOptions = {},
): Promise<FoundByKey> {
  const { schema, table, ...connection } = resolveConfig(given).postgresql;
  const sought = { pgTable: `${schema}.${table}`, key: checkedKey(key) };
  const look = async (): Promise<KeyedTask> => {
    const database = new Database(connection, { connections: 1, applicationName: 'relyt' });
    try {
      return await findKeyed(database, sought);
    } catch (error) {
      throw asRelytError(databaseError(error, 'look for the key of a task'));
    } finally {
      await database.close();
    }
  };
  return openAsFound(look, async (found) => {
    if (found.state === 'complete') return { state: 'complete', processId: found.processId };
    if (found.state === 'free') {
      const claim = { ...sought, before: found.before };
      return { state: 'created', task: await beginTask(await planLoad(given), claim) };
    }
    const plan = await planLoad(given, found.processId);
    return { state: 'resumed', task: await resumeTask(plan, options) };
  });
}
