/** The unfinished task that a load continues instead of starting a new one. */

import { restoredTask } from '../../core/storable-json.ts';
import type { Session } from '../../database/session.ts';
import { readBookkeeping } from '../../database/statements/bookkeeping.ts';
import { type UnfinishedRow, unfinishedLoads } from '../../database/statements/unfinished.ts';
import { RelytError } from '../../errors.ts';
import { type FoundRow, foundRow, type KeyedTask } from '../../task/keyed-task.ts';
import type { AllowedChange } from '../allow-change-option.ts';
import { matchSources } from './same-source.ts';
import { type FileSource, type StoredSource, storedSource } from './stored-source.ts';

/** A task to continue. */
export interface EarlierLoad {
  readonly processId: string;
  readonly row: FoundRow;
}

export interface FoundLoads {
  /** It loads the same file in the same way. */
  readonly earlier: EarlierLoad | undefined;
  /** It loads the same file as it was before it was written to. */
  readonly outdated: EarlierLoad | undefined;
}

/**
 * Looks for a load of the same file that came to no end, because the same command may just have been run again.
 * @throws RelytError RESUME_REFUSED when there is one that reads the file in another way
 */
export async function findEarlierLoad(
  session: Session,
  pgTable: string,
  source: FileSource,
): Promise<FoundLoads> {
  const { tasks } = await readBookkeeping(session);
  if (!tasks) return { earlier: undefined, outdated: undefined };
  const rows = await session.query<UnfinishedRow>(unfinishedLoads(pgTable));
  const loads = rows
    .map(restoredTask)
    .map((row) => ({ processId: row.process_id, row: foundRow(row) }));
  return chooseEarlier(loads, source);
}

/** @param loads the newest first */
export function chooseEarlier(loads: readonly EarlierLoad[], source: FileSource): FoundLoads {
  const begun = loads.filter(hasBegun);
  const matching = (match: string) =>
    begun.find(({ row }) => matchSources(storedSource(row.settings), source) === match);
  const earlier = matching('same');
  const other = matching('read otherwise');
  if (earlier === undefined && other !== undefined && readsFrom(other) === source.skipRecords)
    throw readOtherwise(other);
  return { earlier, outdated: earlier === undefined ? matching('changed') : undefined };
}

/**
 * The task of a key, as one to continue; undefined when it has taken nothing yet and stopped: a new one does as well,
 * and the input may have been corrected.
 * @throws RelytError RESUME_REFUSED when its input is another one
 */
export function earlierOfKey(
  found: Extract<KeyedTask, { readonly processId: string }>,
  source: StoredSource,
  allowChanges: readonly AllowedChange[],
): EarlierLoad | undefined {
  if (!hasBegun(found)) return undefined;
  const stored = storedSource(found.row.settings);
  const match = matchSources(stored, source);
  if (match === 'same') return found;
  if (match === 'read otherwise') throw readOtherwise(found);
  if (stored !== undefined && allowChanges.includes('source')) return found;
  const what = stored === undefined ? 'was begun by another program' : 'began with another input';
  const hint =
    stored === undefined
      ? 'Continue it there, or use another key.'
      : 'If the records up to where it stopped are the same, use --allow-change source; otherwise use another key.';
  throw refusal(found, what, hint);
}

/** A task that stopped before it had anything can be left alone. One that may be running cannot. */
function hasBegun({ row }: EarlierLoad): boolean {
  return row.status === 'RUNNING' || row.lastOrdinal > 0;
}

function readsFrom({ row }: EarlierLoad): number | undefined {
  const stored = storedSource(row.settings);
  return stored?.kind === 'file' ? stored.skipRecords : undefined;
}

function readOtherwise(load: EarlierLoad): RelytError {
  return refusal(
    load,
    'loads this file with other format options, and is not finished',
    'Give the same options, or continue it: relyt resume PROCESS_ID. Or give it up and load again: relyt abort PROCESS_ID.',
  );
}

function refusal({ processId }: EarlierLoad, what: string, hint: string): RelytError {
  return new RelytError('RESUME_REFUSED', `The task ${processId} ${what}.`, {
    details: { processId },
    hint,
  });
}
