import { asRelytError } from '../core/task-failure.ts';
import { importedKeys } from '../database/statements/file.ts';
import type { RelytError } from '../errors.ts';
import { failpoint } from '../failpoints.ts';
import { Patience } from './patience.ts';
import type { LoadPlan } from './plan-load.ts';

/** As many as S3 deletes in one request. */
const PAGE = 1000;
/** A database that is away for a moment is waited for; the load is over, so not for minutes. */
const LIMITS = { seconds: 5, maxPauseSeconds: 1 };

/**
 * Deletes the objects of all imported files of a task that is over. Until then they stay, because a database that goes
 * back in time needs them again. What stays behind is for `gc`, so a failure is only a warning.
 */
export async function discardImported(
  { processId, database, staging }: Pick<LoadPlan, 'processId' | 'database' | 'staging'>,
  warn: (error: RelytError) => void,
): Promise<void> {
  if (staging.kind === 'memory') return;
  const patience = new Patience(LIMITS);
  try {
    await failpoint('before-delete');
    for (let after = 0; ; ) {
      const read = importedKeys(processId, after, PAGE);
      const page = await patience.repeat(() =>
        database.query<{ file_id: number; key: string }>(read),
      );
      if (page.length > 0) await staging.store.deleteObjects(page.map(({ key }) => key));
      if (page.length < PAGE) return;
      after = page.at(-1)?.file_id ?? after;
    }
  } catch (error) {
    warn(asRelytError(error));
  }
}
