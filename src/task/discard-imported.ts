import { asRelytError } from '../core/task-failure.ts';
import { importedKeys } from '../database/statements/file.ts';
import { RelytError } from '../errors.ts';
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
  const patience = new Patience(processId, LIMITS);
  try {
    await failpoint('before-delete');
    for (let after = 0; ; ) {
      const read = importedKeys(processId, after, PAGE);
      const page = await patience.repeat(() =>
        database.query<{ file_id: number; key: string }>(read),
      );
      const keys = page.map(({ key }) => key);
      if (keys.length > 0 && staging.kind === 'memory') throw leftInS3(processId);
      if (keys.length > 0 && staging.kind === 's3') await staging.store.deleteObjects(keys);
      if (page.length < PAGE) return;
      after = page.at(-1)?.file_id ?? after;
    }
  } catch (error) {
    warn(asRelytError(error));
  }
}

/** The task began over S3, and ended without. */
function leftInS3(processId: string): RelytError {
  return new RelytError(
    'S3_ERROR',
    `The task ${processId} has imported files in S3, and it ended without settings of S3.`,
    {
      details: { processId },
      hint: 'Delete them with `relyt gc`, with the S3 settings that the task began with.',
    },
  );
}
