import {
  CHANGEABLE_SETTINGS,
  type ChangeableSetting,
  isChangeable,
} from '../core/changeable-setting.ts';
import { type HolderVerdict, isFree } from '../core/holder.ts';
import { restoredTask } from '../core/storable-json.ts';
import { taskTransition } from '../core/task-state.ts';
import type { Writer } from '../core/writer.ts';
import { ownerMayWrite, readTask, type TaskRow } from '../database/statements/lease.ts';
import { RelytError } from '../errors.ts';
import type { LoadPlan } from './plan-load.ts';
import { differingSettings } from './stored-settings.ts';
import { takeOver } from './take-over.ts';
import { watchHolder } from './watch-holder.ts';

export interface ResumeOptions {
  /**
   * Settings that may differ from those the task was started with. `s3Location` stands for endpoint and bucket.
   * @default []
   * @example ['onConflict']
   */
  readonly allowChanges?: readonly ChangeableSetting[] | undefined;
  /**
   * How long to wait for a process that still has the task, in seconds; 0 refuses at once.
   * @default 0
   * @example 30
   */
  readonly waitSeconds?: number | undefined;
}

/** A task as it was found, and the right to write it. */
export interface ClaimedTask {
  readonly row: TaskRow;
  readonly writer: Writer;
}

/**
 * Takes the task of the plan over, if it can be resumed as planned. A process that has it and left the database is not
 * waited for; one that lives is, as long as the options say.
 * @throws RelytError RESUME_REFUSED
 */
export async function claimTask(plan: LoadPlan, options: ResumeOptions): Promise<ClaimedTask> {
  const { processId, database, owner, config, presence } = plan;
  const { waitSeconds } = options;
  const allowChanges = checkedChanges(options.allowChanges ?? []);
  const [found] = await database.query<TaskRow>(readTask(processId));
  if (found === undefined) throw doesNotExist(processId);
  checkResumable(plan, found);
  checkSettings(plan, restoredTask(found), allowChanges);
  await checkOwner(plan, found);
  const watched = await watchHolder(database, processId, {
    row: found,
    waitSeconds,
    signal: config.signal,
  });
  if (watched === undefined) throw doesNotExist(processId);
  const { row, verdict } = watched;
  // Its process may have ended it while it was waited for.
  checkResumable(plan, row);
  if (!isFree(verdict)) throw isHeld(processId, row, verdict);
  const { leaseSeconds } = config;
  const writer = await takeOver(
    { processId, database, owner, presence, leaseSeconds, verdict },
    row,
  );
  if (writer === undefined)
    throw refusal(
      processId,
      'was taken over by another process just now',
      'Run `relyt tasks` to see which process has it.',
    );
  return { row, writer };
}

/** Callers without types may misspell a name, and would allow nothing by it. */
function checkedChanges(names: readonly ChangeableSetting[]): readonly ChangeableSetting[] {
  const unknown = names.find((name) => !isChangeable(name));
  if (unknown === undefined) return names;
  const all = CHANGEABLE_SETTINGS.join(', ');
  const message = `allowChanges: ${JSON.stringify(unknown)} is not a setting that may be changed.`;
  throw new RelytError('CONFIG_INVALID', message, { hint: `Name some of these: ${all}.` });
}

function doesNotExist(processId: string): RelytError {
  return refusal(
    processId,
    'does not exist, or belongs to a role whose rights this one does not have',
    'Run `relyt tasks` to list the tasks that this role may resume.',
  );
}

function isHeld(processId: string, row: TaskRow, verdict: HolderVerdict): RelytError {
  const left = Math.ceil(row.lease_left_seconds);
  const hint =
    verdict === 'unseen'
      ? `Stop that process, and try again ${left} s after it ended.`
      : 'Stop that process, or wait until it has ended, and try again.';
  return refusal(processId, `is still being written by ${row.owner}`, hint);
}

function checkResumable({ processId, table }: LoadPlan, row: TaskRow): void {
  if (taskTransition(row.status, 'resume') === undefined) {
    throw refusal(
      processId,
      `is ${row.status}, so there is nothing to resume`,
      'Start a new task.',
    );
  }
  const shown = `${table.schema}.${table.name}`;
  if (row.pg_table !== shown) {
    throw refusal(
      processId,
      `loads ${row.pg_table}, not ${shown}`,
      `Set the table to ${row.pg_table}.`,
    );
  }
}

/** A role that cannot write the table could have a more privileged one do it, with records and files of its making. */
async function checkOwner(
  plan: LoadPlan,
  { owner_role: ownerRole, pg_table: pgTable, staged_columns: staged }: TaskRow,
): Promise<void> {
  const { processId, database, config, table } = plan;
  const changesRows = config.onConflict === 'update' && table.key.length > 0;
  const updates = changesRows ? updatedColumns(plan, staged) : [];
  const [owner] = await database.query<{ allowed: boolean }>(
    ownerMayWrite(ownerRole, { schema: table.schema, name: table.name, updates }),
  );
  if (owner?.allowed === true) return;
  throw refusal(
    processId,
    `was created by the role ${JSON.stringify(ownerRole)}, which is not allowed to ${changesRows ? 'insert and update' : 'insert'} every row in ${pgTable}, or is gone`,
    'Resume it as that role, grant the role what it lacks, or have an administrator give the task to another one: docs/guide/secure.md says how.',
  );
}

/** While nothing is staged, any column may come to be loaded. */
function updatedColumns(
  { table, config }: LoadPlan,
  staged: readonly string[] | null,
): readonly string[] {
  const names = config.updateColumns ?? staged ?? table.columns.map(({ name }) => name);
  return names.filter((name) => !table.key.includes(name));
}

function checkSettings(
  { processId, config, staging, engine }: LoadPlan,
  row: TaskRow,
  allowChanges: readonly ChangeableSetting[],
): void {
  const now = { config, staging, engine: engine.profile.engine };
  const differing = differingSettings({ engine: row.engine, ...row.settings }, now).filter(
    ({ name }) => !allowChanges.includes(name),
  );
  if (differing.length === 0) return;
  throw refusal(
    processId,
    `was started with other settings: ${differing.map(({ text }) => text).join('; ')}`,
    `Use the same settings, or allow the change: allowChanges (--allow-change) ${differing.map(({ name }) => name).join(', ')}.`,
  );
}

function refusal(processId: string, what: string, hint: string): RelytError {
  return new RelytError('RESUME_REFUSED', `The task ${processId} ${what}.`, {
    details: { processId },
    hint,
  });
}
