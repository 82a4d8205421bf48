import { type BulkProcessorConfig, type ResolvedConfig, resolveConfig } from '../config.ts';
import { asRelytError } from '../core/task-failure.ts';
import { Database } from '../database/database.ts';
import { ensureSchema } from '../database/schema/install.ts';
import { detectEngine } from '../engines/detect.ts';
import { RelytError } from '../errors.ts';
import { type LookedUp, lookUp } from './look-up.ts';
import { applicationNameOf, newOwner } from './take-over.ts';

/** What a task works with: its configuration, checked, and open connections to the database and to S3. */
export interface TaskWorld extends LookedUp {
  readonly config: ResolvedConfig;
  readonly database: Database;
  /** This process, and this use of the task by it. */
  readonly owner: string;
  close(): Promise<void>;
}

/**
 * Connects, prepares the schema where the role may, reads the table and the S3 settings. On failure nothing
 * stays open.
 */
export async function openWorld(given: BulkProcessorConfig, processId: string): Promise<TaskWorld> {
  const config = resolveConfig(given);
  if (config.signal?.aborted) {
    const { reason } = config.signal;
    throw new RelytError('ABORTED', 'the signal had fired before the task began', {
      cause: reason,
    });
  }
  const { schema: _, table: __, ...connection } = config.postgresql;
  const owner = newOwner();
  const database = new Database(connection, {
    // One for each import, and some for bookkeeping beside them.
    connections: config.concurrency + 3,
    applicationName: applicationNameOf(processId, owner),
    // A statement of two leases without an answer: by then somebody else may hold the task.
    answerSeconds: 2 * config.leaseSeconds,
  });
  let found: LookedUp | undefined;
  const close = async () => {
    found?.store.close();
    await database.close();
  };
  try {
    const profile = await detectEngine(database, config.engine);
    const { dialect } = profile;
    await ensureSchema(database, { engine: profile.engine, dialect });
    found = await lookUp(database, profile, config);
    await found.engine.prepare(database);
    return { ...found, config, database, owner, close };
  } catch (error) {
    await close();
    throw asRelytError(error);
  }
}
