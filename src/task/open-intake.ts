/** Opens a task for records. All of the loader comes with this file, so the public API loads it with the first task. */

import type { LoadConfig } from '../config/load-config.ts';
import { beginTask } from './begin-task.ts';
import type { ResumeOptions } from './claim-task.ts';
import { openKeyed } from './open-keyed.ts';
import { planLoad } from './plan-load.ts';
import { RecordIntake } from './record-intake.ts';
import { resumeTask } from './resume-task.ts';

/** The intake of a new task. @throws RelytError as `beginTask` */
export async function newIntake(config: LoadConfig): Promise<RecordIntake> {
  return new RecordIntake(await beginTask(await planLoad(config)));
}

/** The intake of a task that goes on. @throws RelytError as `resumeTask` */
export async function resumedIntake(
  processId: string,
  config: LoadConfig,
  options: ResumeOptions,
): Promise<RecordIntake> {
  return new RecordIntake(await resumeTask(await planLoad(config, processId), options));
}

type KeyedIntake =
  | { readonly state: 'created' | 'resumed'; readonly intake: RecordIntake }
  | { readonly state: 'complete'; readonly processId: string };

/** The intake of the task of a key, unless it is complete. @throws RelytError as `openKeyed` */
export async function keyedIntake(
  key: string,
  config: LoadConfig,
  options: ResumeOptions,
): Promise<KeyedIntake> {
  const found = await openKeyed(key, config, options);
  if (found.state === 'complete') return found;
  return { state: found.state, intake: new RecordIntake(found.task) };
}
