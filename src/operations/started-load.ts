/** The settings of a task that goes on: as it was started, except for what the caller gives. */

import type { AccessConfig } from '../config/access-config.ts';
import { refuseUndefined } from '../config/access-schema.ts';
import type { BulkProcessorConfig } from '../config/load-config.ts';
import type { TableName } from '../core/table-name.ts';
import type { Reader } from '../database/session.ts';
import { RelytError } from '../errors.ts';
import { withDatabase } from './access.ts';
import { engineDetails } from './engine-details.ts';
import { findTargetName } from './find-target.ts';
import { readDetails, type TaskRecord } from './show-task.ts';

/** Settings of a load, as far as the caller says them. */
export type GivenLoad = Partial<Omit<BulkProcessorConfig, 'postgresql'>> & {
  readonly table?: string | undefined;
  readonly schema?: string | undefined;
};

/** A task as it was started, and how far it has come. */
export interface StartedLoad {
  readonly config: BulkProcessorConfig;
  readonly target: TableName;
  readonly task: TaskRecord;
}

/** @throws RelytError TASK_NOT_FOUND; RESUME_REFUSED; TABLE_NOT_FOUND */
export async function startedLoad(
  access: AccessConfig,
  processId: string,
  { table, schema, ...given }: GivenLoad,
): Promise<StartedLoad> {
  refuseUndefined(given);
  return withDatabase(access, `look at the task ${processId}`, async (database) => {
    const { task, status, table: pgTable } = await readDetails(database, processId);
    if (task === null)
      throw refused(processId, 'belongs to another SDK', 'Resume it where it was started.');
    if (status === 'COMPLETED' || status === 'CANCELLED')
      throw refused(processId, `is ${status}, so there is nothing to resume`, 'Start a new one.');
    const target =
      table === undefined
        ? await targetOf(database, processId, pgTable)
        : { schema: schema ?? 'public', table };
    const config = {
      ...settingsOf(processId, task, given),
      ...accessTo(access, given),
      postgresql: { ...access.postgresql, ...target },
    };
    return { config, target, task };
  });
}

async function targetOf(database: Reader, processId: string, table: string): Promise<TableName> {
  const target = await findTargetName(database, table);
  if (target !== undefined) return target;
  throw new RelytError('TABLE_NOT_FOUND', `The table ${table} of the task ${processId} is gone.`, {
    details: { processId, table },
    hint: 'Create it again, or give the task up: `relyt abort PROCESS_ID`.',
  });
}

/** Stored settings that have the same names in a configuration. */
const STORED_SETTINGS = [
  'engine',
  'onConflict',
  'conflictColumns',
  'updateColumns',
  'columns',
  'batchSize',
  'batchImportSize',
  'concurrency',
  'maxErrorRecords',
  'compression',
  'layout',
  'cleanup',
] as const;

function settingsOf(
  processId: string,
  { settings, ofAnotherRole }: TaskRecord,
  given: GivenLoad,
): Partial<BulkProcessorConfig> {
  const entries = [
    // A task of an older version may lack some; the defaults are the library's.
    ...STORED_SETTINGS.map((name) => [name, settings[name]] as const),
    ...Object.entries(given),
    ...Object.entries(engineDetails(processId, settings, { ofAnotherRole, given })),
  ].filter(([, value]) => value !== undefined && value !== null);
  return Object.fromEntries(entries);
}

/** Where S3 is: what is left out is as of the handle. */
function accessTo(
  { s3, loaderConfig, loaderConfigOwner }: AccessConfig,
  given: GivenLoad,
): Partial<BulkProcessorConfig> {
  const all = { s3, loaderConfig, loaderConfigOwner, ...given };
  const named = (['s3', 'loaderConfig', 'loaderConfigOwner'] as const).filter(
    (name) => all[name] !== undefined,
  );
  return Object.fromEntries(named.map((name) => [name, all[name]]));
}

function refused(processId: string, what: string, hint: string): RelytError {
  return new RelytError('RESUME_REFUSED', `The task ${processId} ${what}.`, {
    details: { processId },
    hint,
  });
}
