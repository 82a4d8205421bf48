/** Whether an input is the one that an earlier task began with. */

import { inputFormat } from '../../input/format.ts';
import type { FileSource, StoredSource } from './stored-source.ts';

/**
 * - `same`: it can be gone on with;
 * - `changed`: the same file, which was written to since;
 * - `read otherwise`: with other options, so that its records would be others;
 * - `other`: something else, or nothing that is known of.
 */
export type SourceMatch = 'same' | 'changed' | 'read otherwise' | 'other';

export function matchSources(stored: StoredSource | undefined, now: StoredSource): SourceMatch {
  if (stored === undefined || stored.kind !== now.kind) return 'other';
  // Only the caller knows what comes out of a stream.
  if (stored.kind === 'stream' || now.kind === 'stream') return 'same';
  if (stored.path !== now.path) return 'other';
  if (stored.size !== now.size || stored.modifiedAt !== now.modifiedAt) return 'changed';
  return howRead(stored) === howRead(now) ? 'same' : 'read otherwise';
}

/** JSON with sorted keys: jsonb does not keep their order, nor what is undefined. */
function howRead(source: FileSource): string {
  const { input, skipRecords } = source;
  const entries = Object.entries(input).filter(
    ([name, value]) => value !== undefined && !(name === 'header' && value === usualHeader(source)),
  );
  return JSON.stringify([skipRecords, entries.sort(([a], [b]) => (a < b ? -1 : 1))]);
}

/** Loads of earlier versions stored it as well. */
function usualHeader({ input, path: fileName }: FileSource): boolean {
  return inputFormat({ format: input.format, fileName }).kind !== 'text';
}
