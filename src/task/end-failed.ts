import type { ResolvedConfig } from '../config.ts';
import type { RelytError } from '../errors.ts';
import type { LoadTask } from './load-task.ts';
import type { TaskLedger } from './task-ledger.ts';

export interface FailedTask {
  readonly ledger: TaskLedger;
  readonly config: ResolvedConfig;
}

/**
 * Marks a task FAILED, after everything of it has come to rest. With `cleanup: 'always'` its staged files are given
 * up first and deleted last: a task that could still be resumed never misses one. Never throws: the failure is
 * what the caller knows of, and a task that cannot be marked is taken for dead after its lease.
 */
export async function endFailed(
  { ledger, config }: FailedTask,
  load: LoadTask | undefined,
  failure: RelytError,
): Promise<void> {
  const discards = config.cleanup === 'always';
  try {
    if (discards) await load?.giveUp(`given up, as cleanup 'always' asks: ${failure.message}`);
    await ledger.finish('FAILED', failure.message);
    if (discards) await load?.discard();
  } catch {
    // What is left in S3 is accounted for by its rows.
  }
}

/** Marks a task CANCELLED, after everything of it has come to rest; what is staged and not imported is deleted. */
export async function endAborted(
  { ledger }: FailedTask,
  load: LoadTask | undefined,
): Promise<void> {
  await load?.giveUp('aborted');
  await ledger.finish('CANCELLED', 'aborted');
  await load?.discard();
}
