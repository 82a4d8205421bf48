import type { FileState } from './file-state.ts';

/** A file as its row tells. */
export interface KnownFile {
  readonly fileId: number;
  readonly key: string;
  readonly status: FileState;
  /** Size of its object, known once it is frozen. */
  readonly storedBytes: number;
  /** True once it was frozen: only then are its records the loader's to keep. */
  readonly wasFrozen: boolean;
}

export interface FoundObject {
  readonly key: string;
  readonly size: number;
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
  /** Objects of imported files stay: the task runs with `cleanup: 'never'`. */
  readonly keepImported: boolean;
}

/** One step of a recovery. Each may be repeated without harm, so a recovery may itself be interrupted. */
export type RecoveryAction =
  /** An upload that no process continues. */
  | { readonly do: 'abort-upload'; readonly key: string; readonly uploadId: string }
  /** An object no import needs: left by an upload that was never frozen, or already imported. */
  | { readonly do: 'delete-object'; readonly key: string }
  /** A row whose records were never frozen; the source replays them. After its object is gone. */
  | { readonly do: 'forget-file'; readonly fileId: number }
  /** A frozen file that is not imported: it waits again. */
  | { readonly do: 'release'; readonly fileId: number }
  /** A frozen file whose object is gone or has another size: its records cannot be imported. */
  | { readonly do: 'report-lost'; readonly fileId: number; readonly key: string };

/**
 * What brings a task whose process died to a state from which it can go on: every frozen file is waiting or
 * imported, everything else is gone. Pure; the caller has fenced the old process first.
 * @param found everything of earlier epochs under the task's folders
 */
export function planRecovery(
  files: readonly KnownFile[],
  found: FoundStaged,
  options: RecoveryOptions = { keepImported: false },
): RecoveryAction[] {
  const { objects, uploads } = found;
  const sizes = new Map(objects.map((object) => [object.key, object.size]));
  const kept = new Set<string>();
  const ofRows: RecoveryAction[] = [];
  for (const file of files) {
    if (file.status === 'IMPORTED') {
      if (options.keepImported) kept.add(file.key);
    } else if (!file.wasFrozen) {
      ofRows.push({ do: 'forget-file', fileId: file.fileId });
    } else {
      kept.add(file.key);
      ofRows.push(
        sizes.get(file.key) === file.storedBytes
          ? { do: 'release', fileId: file.fileId }
          : { do: 'report-lost', fileId: file.fileId, key: file.key },
      );
    }
  }
  return [
    ...uploads.map(({ key, uploadId }) => ({ do: 'abort-upload' as const, key, uploadId })),
    ...objects
      .filter((object) => !kept.has(object.key))
      .map(({ key }) => ({ do: 'delete-object' as const, key })),
    ...ofRows,
  ];
}
