import { stagedFileName, stagedFolderName, stagedObjectKey } from '../core/object-key.ts';
import type { S3Settings } from '../core/s3-settings.ts';

const PROBE = { epoch: 1, tag: 'doctor' };

/**
 * Key of an object of an examination: of the form of staged files, so that `relyt gc --unknown` finds what a killed
 * examination leaves behind.
 */
export function probeKey(
  s3: Pick<S3Settings, 'prefix'>,
  processId: string,
  place: { readonly fileId: number; readonly folders?: boolean },
): string {
  return stagedObjectKey({
    prefix: s3.prefix,
    day: new Date().toISOString().slice(0, 10),
    processId,
    ...(place.folders === true ? { folder: stagedFolderName(1, 0, PROBE) } : {}),
    fileName: stagedFileName(place.fileId, PROBE),
    format: 'csv',
    gzip: false,
  });
}
