/** The steps between an input and the task that loads it: plan, columns, task. */

import { BulkProcessor } from '../../bulk-processor.ts';
import type { TargetTable } from '../../core/target-table.ts';
import type { InputSource } from '../../input/input-source.ts';
import { openInput } from '../../input/open-input.ts';
import { openRecordSource } from '../../input/open-record-source.ts';
import type { RecordSource, SourceOptions } from '../../input/record-source.ts';
import { beginTask } from '../../task/begin-task.ts';
import type { OpenTask } from '../../task/open-task.ts';
import { type LoadPlan, planLoad, withColumns } from '../../task/plan-load.ts';
import { RecordIntake } from '../../task/record-intake.ts';
import { resumeTask } from '../../task/resume-task.ts';
import { changedSettings } from '../allow-change-option.ts';
import { FORMAT_FLAGS } from './format-flags.ts';
import { takeOverFailure } from './load-failure.ts';
import { type FileLoadOptions, loadConfig } from './load-options.ts';

/** Of an input that is open. */
export interface OpenLoad {
  readonly input: InputSource;
  readonly table: TargetTable;
  readonly source: RecordSource;
  readonly processor: BulkProcessor;
  /** Ordinal up to which an earlier process has made the records safe; 0 for a new task. */
  readonly safeThrough: number;
}

/** Everything that can be wrong before the first record is found here; nothing is written then. The input stays the caller's. */
export async function openLoad(
  file: string,
  given: Pick<SourceOptions, 'input' | 'onBadRecord'>,
  options: FileLoadOptions,
): Promise<OpenLoad> {
  const plan = await planLoad(loadConfig(options), options.resume?.processId);
  const { table } = plan;
  try {
    const source = await openSource(file, { ...given, table }, options);
    const task = await openTask(withColumns(plan, source.columns), options).catch(async (error) => {
      throw await takeOverFailure(error, { file, table, options });
    });
    const processor = BulkProcessor.of(new RecordIntake(task));
    const { safeThrough } = task.source;
    return { input: given.input, table, source, processor, safeThrough };
  } catch (error) {
    await plan.close();
    throw error;
  }
}

async function openSource(
  file: string,
  given: Pick<SourceOptions, 'input' | 'table' | 'onBadRecord'>,
  { format, resume, signal }: FileLoadOptions,
): Promise<RecordSource> {
  const from = resume?.from;
  const options = { ...given, format, optionNames: FORMAT_FLAGS };
  if (from === undefined) return openRecordSource(options);
  // A header is at the beginning, and the format shows there.
  await using beginning = await openInput(file, { signal, encoding: format.encoding });
  const rest = { input: given.input, start: from };
  return await openRecordSource({ ...options, input: beginning, rest });
}

function openTask(plan: LoadPlan, { resume, key }: FileLoadOptions): Promise<OpenTask> {
  if (resume === undefined) return beginTask(plan, key);
  const { allowChanges, waitSeconds } = resume;
  return resumeTask(plan, { allowChanges: changedSettings(allowChanges), waitSeconds });
}
