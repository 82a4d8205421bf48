/** Which objects and uploads in the bucket no task needs any more. Pure: what was found goes in, what to do comes out. */

import { processIdOfKey } from './object-key.ts';
import type { FoundObject, FoundUpload, KnownFile } from './recovery.ts';
import type { TaskState } from './task-state.ts';

/** A task as its rows tell. */
export interface KnownTask {
  readonly status: TaskState;
  /** Another SDK's: nothing of it is ours to judge. */
  readonly foreign: boolean;
  /** `cleanup: 'never'`: the objects of imported files are to stay. */
  readonly keepsImported: boolean;
  /** By S3 key. */
  readonly files: ReadonlyMap<string, KnownFile>;
}

export interface DatedObject extends FoundObject {
  readonly lastModified: Date;
}

export interface DatedUpload extends FoundUpload {
  readonly initiated: Date;
}

/** Everything found below the prefix, or all that belongs to some of the tasks. */
export interface FoundInBucket {
  /** As in `S3Settings`: '' or 'a/b'. */
  readonly prefix: string;
  readonly objects: readonly DatedObject[];
  readonly uploads: readonly DatedUpload[];
}

export interface GarbageLimits {
  readonly now: Date;
  /** How long what no row accounts for must have been silent, in seconds. */
  readonly olderThanSeconds: number;
  /** Take process ids without a row for garbage, too. They may be another database's that shares the prefix. */
  readonly includeUnknown: boolean;
}

export type GarbageAction =
  | {
      readonly do: 'delete-object';
      readonly processId: string;
      readonly key: string;
      readonly size: number;
    }
  | {
      readonly do: 'abort-upload';
      readonly processId: string;
      readonly key: string;
      readonly uploadId: string;
    };

/**
 * Kept is what a task that runs or can be resumed still needs, everything of other SDKs, and every key that is not
 * one of ours. A process id without a row may be that of another database that shares the prefix: its objects
 * are garbage only when that is asked for, and nothing new came for `olderThanSeconds`.
 * @param tasks by process id; one that is missing is unknown
 */
export function planGarbage(
  found: FoundInBucket,
  tasks: ReadonlyMap<string, KnownTask>,
  limits: GarbageLimits,
): GarbageAction[] {
  const ofTask = (key: string) => {
    const processId = processIdOfKey(found.prefix, key);
    const judged = limits.includeUnknown || tasks.has(processId ?? '');
    return judged ? processId : undefined;
  };
  const lastSigns = newestByTask(found, ofTask);
  const objects = found.objects.flatMap(({ key, size, lastModified }) => {
    const processId = ofTask(key);
    if (processId === undefined) return [];
    const task = tasks.get(processId);
    const since = task === undefined ? lastSigns.get(processId) : lastModified;
    const isOld = olderThan(since, limits);
    if (!isGarbageObject(task, key, isOld)) return [];
    return [{ do: 'delete-object' as const, processId, key, size }];
  });
  const uploads = found.uploads.flatMap(({ key, uploadId, initiated }) => {
    const processId = ofTask(key);
    if (processId === undefined) return [];
    const task = tasks.get(processId);
    const since = task === undefined ? lastSigns.get(processId) : initiated;
    if (!isGarbageUpload(task, olderThan(since, limits))) return [];
    return [{ do: 'abort-upload' as const, processId, key, uploadId }];
  });
  return [...uploads, ...objects];
}

function isGarbageObject(task: KnownTask | undefined, key: string, isOld: boolean): boolean {
  if (task === undefined) return isOld;
  if (task.foreign) return false;
  const file = task.files.get(key);
  if (file?.status === 'IMPORTED' && task.keepsImported) return false;
  if (task.status === 'COMPLETED' || task.status === 'CANCELLED') return true;
  // A row is written before its object. Without one, a resume has given the object up.
  if (file === undefined) return isOld;
  // Frozen records are the loader's to keep; others are only needed by the process that writes them.
  return !file.wasFrozen && task.status === 'FAILED' && isOld;
}

/** No resume continues an upload; only the process that began it does. */
function isGarbageUpload(task: KnownTask | undefined, isOld: boolean): boolean {
  if (task === undefined) return isOld;
  if (task.foreign || task.status === 'RUNNING') return false;
  return task.status !== 'FAILED' || isOld;
}

function newestByTask(
  { objects, uploads }: FoundInBucket,
  ofTask: (key: string) => string | undefined,
): ReadonlyMap<string, Date> {
  const newest = new Map<string, Date>();
  const see = (key: string, time: Date) => {
    const processId = ofTask(key);
    if (processId === undefined) return;
    const known = newest.get(processId);
    if (known === undefined || time > known) newest.set(processId, time);
  };
  for (const { key, lastModified } of objects) see(key, lastModified);
  for (const { key, initiated } of uploads) see(key, initiated);
  return newest;
}

function olderThan(time: Date | undefined, { now, olderThanSeconds }: GarbageLimits): boolean {
  return time !== undefined && now.getTime() - time.getTime() >= olderThanSeconds * 1000;
}
