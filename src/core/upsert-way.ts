/** By which statement an import updates and inserts rows, decided from the imports of its task before it. Pure. */

import { afterImport, afterSetback, type DoublingWait, NO_WAIT } from './doubling-wait.ts';
import type { ImportCounts } from './import-counts.ts';

/**
 * - `merge`: MERGE, which inserts a row like INSERT, and looks each key up before
 * - `on conflict`: INSERT … ON CONFLICT DO UPDATE, which inserts each row provisionally first
 */
export type UpsertWay = 'merge' | 'on conflict';

/** What is known of the imports of a task. */
export interface UpsertHistory {
  /** Rows of the newest imports, the newest last. */
  readonly recent: readonly Pick<ImportCounts, 'inserted' | 'updated'>[];
  /** Of imports that go without MERGE, because it was refused. */
  readonly wait: DoublingWait;
}

/** Imports that are looked at. */
const RECENT = 4;
/** Of 1 row, how much must be new for MERGE to be no slower. */
const LEAST_NEW = 0.25;

export const NO_UPSERTS: UpsertHistory = { recent: [], wait: NO_WAIT };

/** MERGE as long as nothing is known, or enough rows were new. */
export function upsertWay({ recent, wait }: UpsertHistory): UpsertWay {
  if (wait.left > 0) return 'on conflict';
  const inserted = recent.reduce((sum, counts) => sum + counts.inserted, 0);
  const updated = recent.reduce((sum, counts) => sum + counts.updated, 0);
  return inserted >= LEAST_NEW * (inserted + updated) ? 'merge' : 'on conflict';
}

/** An import was committed. */
export function afterUpserts(
  { recent, wait }: UpsertHistory,
  { inserted, updated }: Pick<ImportCounts, 'inserted' | 'updated'>,
): UpsertHistory {
  return {
    recent: [...recent, { inserted, updated }].slice(-RECENT),
    wait: afterImport(wait),
  };
}

/** A MERGE was refused, perhaps not because of a record: another session writes the same keys. */
export function afterRefusedMerge({ recent, wait }: UpsertHistory): UpsertHistory {
  return { recent, wait: afterSetback(wait) };
}
