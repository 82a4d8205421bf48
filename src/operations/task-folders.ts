import type { DatedObject, DatedUpload } from '../core/garbage.ts';
import { processIdOfKey } from '../core/object-key.ts';
import type { Staging } from '../staging/staging-place.ts';

/** What one task has in the bucket, or has there of one day. */
export interface TaskFolder {
  readonly processId: string;
  readonly objects: DatedObject[];
  readonly uploads: readonly DatedUpload[];
}

/**
 * Goes through everything of ours below the prefix, task by task, so that a full bucket fits into memory. The
 * keys come sorted, and those of a task and day stand together.
 */
export async function* taskFolders({ store, s3 }: Staging): AsyncGenerator<TaskFolder> {
  const folder = s3.prefix === '' ? '' : `${s3.prefix}/`;
  const uploads = new Map<string, DatedUpload[]>();
  for await (const upload of store.listMultipartUploads(folder)) {
    const processId = processIdOfKey(s3.prefix, upload.key);
    if (processId === undefined) continue;
    uploads.set(processId, [...(uploads.get(processId) ?? []), upload]);
  }
  const withUploads = (processId: string, objects: DatedObject[]): TaskFolder => {
    const found = uploads.get(processId) ?? [];
    uploads.delete(processId);
    return { processId, objects, uploads: found };
  };
  let current: TaskFolder | undefined;
  for await (const object of store.list(folder)) {
    const processId = processIdOfKey(s3.prefix, object.key);
    if (processId === undefined) continue;
    if (current?.processId !== processId) {
      if (current !== undefined) yield current;
      current = withUploads(processId, []);
    }
    current.objects.push(object);
  }
  if (current !== undefined) yield current;
  for (const processId of [...uploads.keys()]) yield withUploads(processId, []);
}

/** Folders of tasks without a row. How long one was silent shows only when those of all its days are together. */
export class UnknownFolders {
  readonly #folders = new Map<string, TaskFolder>();

  add(folder: TaskFolder): void {
    const known = this.#folders.get(folder.processId);
    this.#folders.set(folder.processId, {
      processId: folder.processId,
      objects: [...(known?.objects ?? []), ...folder.objects],
      uploads: [...(known?.uploads ?? []), ...folder.uploads],
    });
  }

  get folders(): Iterable<TaskFolder> {
    return this.#folders.values();
  }
}
