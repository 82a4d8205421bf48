import type { FileState } from './file-state.ts';
import { bytesDifference, type StagedBytes } from './staged-bytes.ts';

/** A file as its row tells. */
export interface KnownFile {
  readonly fileId: number;
  readonly key: string;
  readonly status: FileState;
  /** Of its object, known once it is frozen. */
  readonly stored: StagedBytes;
  /** True once it was frozen: only then are its records the loader's to keep. */
  readonly wasFrozen: boolean;
}

export interface FoundObject {
  readonly key: string;
  readonly size: number;
  readonly etag?: string | undefined;
}

export interface FoundUpload {
  readonly key: string;
  readonly uploadId: string;
}

export interface FoundStaged {
  readonly objects: readonly FoundObject[];
  readonly uploads: readonly FoundUpload[];
}

export interface RecoveryOptions {
  /** What the imports wrote is gone with its table, or was emptied: it must be imported again. */
  readonly rowsLost: boolean;
}

/** One step of a recovery. Each may be repeated without harm, so a recovery may itself be interrupted. */
export type RecoveryAction =
  /** An upload that no process continues. */
  | { readonly do: 'abort-upload'; readonly key: string; readonly uploadId: string }
  /** An object no import needs: left by an upload that was never frozen. */
  | { readonly do: 'delete-object'; readonly key: string }
  /** A row whose records were never frozen; the source replays them. After its object is gone. */
  | { readonly do: 'forget-file'; readonly fileId: number }
  /** A frozen file that is not imported: it waits again. */
  | { readonly do: 'release'; readonly fileId: number }
  /** An imported file whose rows are gone: it waits again. All at once, together with the imports it is in. */
  | { readonly do: 'reopen'; readonly fileId: number }
  /** A file to be imported whose object is gone: its records cannot be imported. */
  | { readonly do: 'report-lost'; readonly fileId: number; readonly key: string }
  /** A file to be imported whose object is another one now. */
  | {
      readonly do: 'report-changed';
      readonly fileId: number;
      readonly key: string;
      /** Completes "it …". */
      readonly difference: string;
    };

/**
 * What brings a task whose process died to a state from which it can go on: every frozen file is waiting or
 * imported, everything else is gone. Objects of imported files stay until the task ends: the database may go back to
 * where they were not imported. Pure; the caller has fenced the old process first.
 * @param found everything of earlier epochs under the task's folders
 */
export function planRecovery(
  files: readonly KnownFile[],
  found: FoundStaged,
  options: RecoveryOptions = { rowsLost: false },
): RecoveryAction[] {
  const { objects, uploads } = found;
  const byKey = new Map(objects.map((object) => [object.key, object]));
  const kept = new Set<string>();
  const ofRows: RecoveryAction[] = [];
  for (const file of files) {
    if (!file.wasFrozen) {
      ofRows.push({ do: 'forget-file', fileId: file.fileId });
      continue;
    }
    kept.add(file.key);
    if (file.status !== 'IMPORTED') ofRows.push(ofNeeded(file, byKey.get(file.key), 'release'));
    else if (options.rowsLost) ofRows.push(ofNeeded(file, byKey.get(file.key), 'reopen'));
  }
  return [
    ...uploads.map(({ key, uploadId }) => ({ do: 'abort-upload' as const, key, uploadId })),
    ...objects
      .filter((object) => !kept.has(object.key))
      .map(({ key }) => ({ do: 'delete-object' as const, key })),
    ...ofRows,
  ];
}

function ofNeeded(
  { fileId, key, stored }: KnownFile,
  found: FoundObject | undefined,
  wait: 'release' | 'reopen',
): RecoveryAction {
  if (found === undefined) return { do: 'report-lost', fileId, key };
  const difference = bytesDifference(stored, found);
  return difference === undefined
    ? { do: wait, fileId }
    : { do: 'report-changed', fileId, key, difference };
}
