import type { ObjectEntry } from './object-folder.ts';
import { S3Error } from './s3-error.ts';

type Headers = ReadonlyMap<string, string>;

function listsEtag(header: string, etag: string): boolean {
  if (header === '*') return true;
  return header.split(',').some((item) => item.trim().replace(/^W\/|"/g, '') === etag);
}

function failed(condition: string): S3Error {
  return new S3Error('PreconditionFailed', undefined, { Condition: condition });
}

/** If-None-Match: * (only when there is none yet) and If-Match (only over that version) of a write. */
export function checkWriteCondition(headers: Headers, existing: ObjectEntry | undefined): void {
  const noneMatch = headers.get('if-none-match');
  if (noneMatch !== undefined) {
    if (noneMatch !== '*') {
      throw new S3Error('NotImplemented', 'If-None-Match of a write can only be *.');
    }
    if (existing) throw failed('If-None-Match');
  }
  const match = headers.get('if-match');
  if (match === undefined) return;
  if (!existing) throw new S3Error('NoSuchKey');
  if (!listsEtag(match, existing.etag)) throw failed('If-Match');
}

/** Conditions of a read. Returns true when the answer is 304 Not Modified; throws PreconditionFailed. */
export function isNotModified(headers: Headers, object: ObjectEntry): boolean {
  // HTTP dates have whole seconds.
  const modified = Math.floor(Date.parse(object.modified) / 1000) * 1000;
  const match = headers.get('if-match');
  const unmodifiedSince = Date.parse(headers.get('if-unmodified-since') ?? '');
  if (match !== undefined) {
    if (!listsEtag(match, object.etag)) throw failed('If-Match');
  } else if (modified > unmodifiedSince) throw failed('If-Unmodified-Since');
  const noneMatch = headers.get('if-none-match');
  if (noneMatch !== undefined) return listsEtag(noneMatch, object.etag);
  return modified <= Date.parse(headers.get('if-modified-since') ?? '');
}
