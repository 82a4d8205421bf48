import { isStagedIn, taskFolderOf } from '../core/object-key.ts';
import type { FoundObject, FoundStaged, FoundUpload, KnownFile } from '../core/recovery.ts';
import type { StagedBytes } from '../core/staged-bytes.ts';
import { stagingDays } from '../core/staging-days.ts';
import type { FileRow } from '../database/statements/file.ts';
import { RelytError } from '../errors.ts';
import type { Staging } from '../staging/staging-place.ts';

/** What the rows of a task say of the places where it has staged files. */
export interface StagingHistory {
  readonly files: readonly FileRow[];
  /** UTC day the task was created: a file whose row was never written is in the folder of any day since. */
  readonly createdDay: string;
  /** Another role wrote these rows. */
  readonly isOthers: boolean;
}

/**
 * Everything that was staged in the folders of a task.
 * @throws RelytError BOOKKEEPING_INVALID for a file that is in none of them; S3_…
 */
export async function findStaged(
  staging: Staging,
  processId: string,
  history: StagingHistory,
): Promise<FoundStaged> {
  const objects: FoundObject[] = [];
  const uploads: FoundUpload[] = [];
  for (const folder of foldersOf(staging, processId, history)) {
    for await (const object of staging.store.list(folder))
      if (isStagedIn(folder, object.key)) objects.push(object);
    for await (const upload of staging.store.listMultipartUploads(folder))
      if (isStagedIn(folder, upload.key)) uploads.push(upload);
  }
  return { objects, uploads };
}

function foldersOf(
  staging: Staging,
  processId: string,
  { files, createdDay, isOthers }: StagingHistory,
): ReadonlySet<string> {
  const prefix = staging.s3.prefix === '' ? '' : `${staging.s3.prefix}/`;
  const staged = files.filter(isStaged);
  const known = staged.map(
    (file) => taskFolderOf(file.s3_key, processId) ?? refuse(file, processId),
  );
  const elsewhere = staged.find((_, n) => prefixOf(known[n] ?? '', processId) !== prefix);
  if (isOthers && elsewhere !== undefined) refusePrefix(elsewhere, processId);
  // The prefix may have been another one when they were staged.
  const prefixes = new Set([prefix, ...known.map((folder) => prefixOf(folder, processId))]);
  const days = stagingDays(createdDay, new Date().toISOString().slice(0, 10));
  const daily = [...prefixes].flatMap((above) => days.map((day) => `${above}${day}/${processId}/`));
  return new Set([...known, ...daily]);
}

/** A file that never left the memory of its process has no bucket. */
export function isStaged({ s3_bucket: bucket }: Pick<FileRow, 's3_bucket'>): boolean {
  return bucket !== '';
}

/** Only the task's own objects are imported or deleted in its name, whichever role wrote its rows (G7). */
function refuse({ file_id: fileId, s3_key: key }: FileRow, processId: string): never {
  throw new RelytError(
    'BOOKKEEPING_INVALID',
    `The row of file ${fileId} names the object ${JSON.stringify(key)}, which is in no folder of the task ${processId}.`,
    { details: { processId, fileId: String(fileId) } },
  );
}

/** What the keys of this role reach may be more than what the role reaches that wrote the row. */
function refusePrefix({ file_id: fileId, s3_key: key }: FileRow, processId: string): never {
  throw new RelytError(
    'BOOKKEEPING_INVALID',
    `The row of file ${fileId}, which another role wrote, names the object ${JSON.stringify(key)}, which is not below the prefix of the settings.`,
    {
      details: { processId, fileId: String(fileId) },
      hint: 'If the task staged its files there, give that prefix (RELYT_S3_PREFIX) and try again; otherwise find out who wrote the row.',
    },
  );
}

/** What is above the day in the folder of a task. */
function prefixOf(folder: string, processId: string): string {
  return folder.slice(0, -`yyyy-mm-dd/${processId}/`.length);
}

/** What its row tells of the bytes of a frozen file. */
export function storedBytes({
  stored_bytes,
  etag,
  crc32,
}: Pick<FileRow, 'stored_bytes' | 'etag' | 'crc32'>): StagedBytes {
  return { size: stored_bytes, etag: etag ?? undefined, crc32: crc32 ?? undefined };
}

/** A file as its row tells. */
export function knownFile(row: FileRow): KnownFile {
  return {
    fileId: row.file_id,
    key: row.s3_key,
    status: row.status,
    stored: storedBytes(row),
    wasFrozen: row.was_frozen,
  };
}
