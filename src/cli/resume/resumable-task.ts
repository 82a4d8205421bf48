import type { BulkProcessorConfig } from '../../config/load-config.ts';
import type { TableName } from '../../core/table-name.ts';
import type { Database } from '../../database/database.ts';
import { RelytError } from '../../errors.ts';
import { findTargetName } from '../../operations/find-target.ts';
import { readDetails, type TaskRecord } from '../../operations/show-task.ts';
import type { AllowedChange } from '../allow-change-option.ts';
import { type ConnectionFlags, connectionOf } from '../connection-options.ts';
import type { EngineFlags } from '../engine-option.ts';
import { type LoaderConfigFlags, s3AccessOf } from '../loader-config-options.ts';
import { engineDetails } from './engine-details.ts';
import { resumeRefused } from './resume-refused.ts';

export interface ResumeFlags extends LoaderConfigFlags, EngineFlags {
  readonly finish?: boolean;
  readonly allowChange?: readonly AllowedChange[];
  readonly batchSize?: number;
  readonly concurrency?: number;
  readonly maxErrors?: number;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

/** A task as it was started, and how far it has come. */
export interface ResumableTask {
  readonly processId: string;
  readonly target: TableName;
  readonly connection: { readonly connectionString?: string };
  readonly settings: Readonly<Record<string, unknown>>;
  /** As before, but for what the flags say. */
  readonly config: Omit<BulkProcessorConfig, 'postgresql' | 'columns'>;
  readonly position: unknown;
  readonly lastOrdinal: number;
  readonly allowChanges: readonly AllowedChange[];
  /** The role that created it, where that is not the one that resumes. */
  readonly otherRole: string | undefined;
}

/** @throws RelytError TASK_NOT_FOUND; RESUME_REFUSED; TABLE_NOT_FOUND */
export async function readResumable(
  database: Database,
  processId: string,
  flags: ConnectionFlags & ResumeFlags,
): Promise<ResumableTask> {
  const { task, table, ...details } = await readDetails(database, processId);
  if (task === null) {
    throw resumeRefused(processId, 'belongs to another SDK', 'Resume it where it was started.');
  }
  if (details.status === 'COMPLETED' || details.status === 'CANCELLED') {
    throw resumeRefused(
      processId,
      `is ${details.status}, so there is nothing to resume`,
      'Start a new one.',
    );
  }
  const target = await findTargetName(database, table);
  if (target === undefined) {
    throw new RelytError('TABLE_NOT_FOUND', `the table ${table} of the task ${processId} is gone`, {
      details: { processId, table },
      hint: 'Create it again, or give the task up: `relyt abort PROCESS_ID`.',
    });
  }
  return {
    processId,
    target,
    connection: connectionOf(flags),
    settings: task.settings,
    config: configOf(processId, task, flags),
    position: task.position,
    lastOrdinal: task.lastOrdinal,
    allowChanges: flags.allowChange ?? [],
    otherRole: task.ofAnotherRole ? task.ownerRole : undefined,
  };
}

/** Stored settings that have the same names in a configuration. */
const STORED_SETTINGS = [
  'engine',
  'onConflict',
  'conflictColumns',
  'updateColumns',
  'batchSize',
  'batchImportSize',
  'concurrency',
  'maxErrorRecords',
  'compression',
  'layout',
  'cleanup',
] as const;

function configOf(
  processId: string,
  { settings, ofAnotherRole }: TaskRecord,
  flags: ResumeFlags,
): ResumableTask['config'] {
  const given = {
    batchSize: flags.batchSize,
    concurrency: flags.concurrency,
    maxErrorRecords: flags.maxErrors,
  };
  const entries = [
    // A task of an older version may lack some; the defaults are the library's.
    ...STORED_SETTINGS.map((name) => [name, settings[name]] as const),
    ...Object.entries(engineDetails(processId, settings, { ofAnotherRole, flags })),
    ...Object.entries(given),
  ].filter(([, value]) => value !== undefined && value !== null);
  return { ...Object.fromEntries(entries), ...s3AccessOf(flags) };
}
