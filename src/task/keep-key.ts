import { storableJson } from '../core/storable-json.ts';
import type { FileRow } from '../database/statements/file.ts';
import type { TaskRow } from '../database/statements/lease.ts';
import { storeSettings } from '../database/statements/task.ts';
import type { RelytError } from '../errors.ts';
import { lostTask } from '../importing/taken-over.ts';
import { frozenRefusal } from './check-frozen.ts';
import type { HeldTask } from './open-task.ts';
import { differingSettings } from './stored-settings.ts';

/** Settings that decide which records are the same one, and so which lane a record took. */
const OF_THE_KEY: readonly string[] = ['conflictColumns', 'updateColumns'];

/**
 * Lanes of frozen files keep the records of a key in order, of the key they were staged for (G3). So another key is
 * taken when none waits any more, and from then on it is the task's.
 * @throws RelytError RESUME_REFUSED, LEASE_LOST
 */
export async function keepKey(
  { plan, writer }: Pick<HeldTask, 'plan' | 'writer'>,
  { engine, settings }: Pick<TaskRow, 'engine' | 'settings'>,
  frozen: readonly FileRow[],
): Promise<void> {
  const { database, config, staging, repertoire } = plan;
  const now = { config, staging, engine: plan.engine.profile.engine };
  const differing = differingSettings({ engine, ...settings }, now).filter(({ name }) =>
    OF_THE_KEY.includes(name),
  );
  if (differing.length === 0) return;
  const [waiting] = frozen;
  if (waiting !== undefined) throw refused(writer.processId, waiting, differing);
  const { conflictColumns = null, updateColumns = null } = config;
  const changed = storableJson({ ...settings, conflictColumns, updateColumns }, repertoire);
  if ((await database.execute(storeSettings(writer, JSON.stringify(changed)))) === 0)
    throw await lostTask(database, writer);
}

function refused(
  processId: string,
  { file_id: fileId }: FileRow,
  differing: readonly { readonly text: string }[],
): RelytError {
  return frozenRefusal(
    { processId, fileId },
    `waits for its import by another key: ${differing.map(({ text }) => text).join('; ')}`,
    'Resume it with the settings as they were, which imports what waits, and call suspend(): the next resume may change them.',
  );
}
