import type { AccessConfig } from '../../config/access-config.ts';
import { RelytError } from '../../errors.ts';
import { cancelTask } from '../abort-task.ts';
import { withDatabase } from '../access.ts';
import { removeGarbage } from '../collect-garbage.ts';
import { rehearse, remove, type UninstallPlan } from './removal.ts';

export interface UninstallOptions {
  /**
   * Give up tasks that could be resumed, with their staged files, and rejected records; default false. A task that may
   * still run is never given up.
   */
  readonly discard?: boolean | undefined;
  /** Leave what is in S3 as it is; default false. */
  readonly keepS3?: boolean | undefined;
  /** What `planUninstall` returned, to discard no more than it lists; default what is there now. */
  readonly plan?: UninstallPlan | undefined;
}

/** What was deleted in S3. */
interface SweptStaging {
  readonly location: string;
  readonly objects: number;
  readonly uploads: number;
}

export interface UninstallReport extends UninstallPlan {
  /** Null where S3 was left as it is. */
  readonly swept: SweptStaging | null;
}

const DOING = 'remove what `relyt init` made';

/**
 * What an uninstall would remove. It is tried in a transaction that is rolled back, so whatever would refuse the
 * uninstall refuses this.
 * @throws RelytError UNINSTALL_REFUSED, DATABASE_…
 */
export async function planUninstall(
  access: AccessConfig,
  { discard = false }: UninstallOptions = {},
): Promise<UninstallPlan> {
  return withDatabase(access, DOING, (database) => rehearse(database, { discard }));
}

/** @throws RelytError UNINSTALL_REFUSED, ABORT_REFUSED, LOADER_CONFIG_…, S3_…, DATABASE_… */
export async function uninstall(
  access: AccessConfig,
  { discard = false, keepS3 = false, plan: shown }: UninstallOptions = {},
): Promise<UninstallReport> {
  const plan = shown ?? (await planUninstall(access, { discard }));
  const swept = keepS3 || !plan.holdings.usesS3 ? null : await sweepStaging(access, plan);
  const removal = await withDatabase(access, DOING, (database) =>
    remove(database, { discard, shown: plan.holdings }),
  );
  return { ...removal, swept };
}

/** Objects of tasks of this database only: what no row accounts for may be another database's. */
async function sweepStaging(
  access: AccessConfig,
  { holdings }: UninstallPlan,
): Promise<SweptStaging> {
  try {
    let { objects, uploads } = { objects: 0, uploads: 0 };
    for (const { processId, foreign } of holdings.tasks) {
      if (foreign) continue;
      const aborted = await cancelTask(access, processId);
      objects += aborted.objectsDeleted;
      uploads += aborted.uploadsAborted;
    }
    // No task runs, so none is about to need what its rows do not account for.
    const rest = await removeGarbage(access, { olderThanSeconds: 0 });
    return {
      location: rest.location,
      objects: objects + rest.objects,
      uploads: uploads + rest.uploads,
    };
  } catch (error) {
    if (!(error instanceof RelytError)) throw error;
    const { code, message, hint, details } = error;
    throw new RelytError(
      code,
      `Nothing was removed from the database, because S3 was not cleared: ${message}`,
      {
        hint: `${hint} Or leave what is in S3: \`relyt uninstall --keep-s3\`.`,
        details,
        cause: error,
      },
    );
  }
}
