import type { BucketFolder } from './bucket-folder.ts';
import { checksumHeader } from './checksum.ts';
import { entityTag, joinedEntityTag } from './entity-tag.ts';
import type { PartEntry, UploadEntry } from './multipart-folder.ts';
import type { ObjectFolder } from './object-folder.ts';
import { keptHeaders } from './object-headers.ts';
import { type AuthenticatedRequest, type Reply, receiveBlob, receiveXml } from './operation.ts';
import { checkWriteCondition } from './precondition.ts';
import { queryInteger, queryValue } from './request-target.ts';
import { S3Error } from './s3-error.ts';
import { childText, type XmlNode, xmlDocument } from './xml.ts';

const MAX_PART_NUMBER = 10_000;
/** The minimum size of every part except the last, as on AWS: 5 MiB. */
const MIN_PART_BYTES = 5 * 1024 * 1024;

function uploadId(request: AuthenticatedRequest): string {
  return queryValue(request.head.target, 'uploadId') ?? '';
}

export function createMultipartUpload(store: BucketFolder, request: AuthenticatedRequest): Reply {
  const { bucket, key } = request.head.target;
  const upload = store.get(bucket).uploads.create({
    key,
    initiated: request.now.toISOString(),
    headers: keptHeaders(request.head.headers),
  });
  const xml = xmlDocument([
    'InitiateMultipartUploadResult',
    [
      ['Bucket', bucket],
      ['Key', key],
      ['UploadId', upload.uploadId],
    ],
  ]);
  return { status: 200, xml };
}

export async function uploadPart(
  store: BucketFolder,
  request: AuthenticatedRequest,
): Promise<Reply> {
  const { target, headers } = request.head;
  if (headers.has('x-amz-copy-source')) throw new S3Error('NotImplemented');
  const limits = { fallback: 0, min: 1, max: MAX_PART_NUMBER };
  const number = queryInteger(target, 'partNumber', limits);
  store.get(target.bucket).uploads.get(uploadId(request), target.key);
  const { blob, receipt } = await receiveBlob(store, request);
  const { checksum } = receipt;
  const etag = entityTag(receipt.sha256);
  try {
    // Looked up again: the upload may have ended while the part arrived.
    const { uploads } = store.get(target.bucket);
    uploads.putPart(uploads.get(uploadId(request), target.key), {
      number,
      etag,
      modified: request.now.toISOString(),
      blob,
      ...(checksum && { checksum }),
    });
  } catch (error) {
    store.blobs.discard([blob]);
    throw error;
  }
  return {
    status: 200,
    headers: {
      etag: `"${etag}"`,
      ...(checksum && { [checksumHeader(checksum.algorithm)]: checksum.value }),
    },
  };
}

export async function completeMultipartUpload(
  store: BucketFolder,
  request: AuthenticatedRequest,
): Promise<Reply> {
  const { bucket, key } = request.head.target;
  const id = uploadId(request);
  store.get(bucket);
  const requested = (await receiveXml(request, 'CompleteMultipartUpload')).children;
  const { objects, uploads } = store.get(bucket);
  // A client that lost the first answer asks again; the upload is gone then, but the object is there.
  const done = objects.get(key);
  if (done?.uploadId === id) return completed(request, done.etag);
  const upload = uploads.get(id, key);
  checkWriteCondition(request.head.headers, done);
  const parts = chooseParts(requested, uploads.parts(id, key));
  const etag = putJoined(objects, { upload, parts, modified: request.now.toISOString() });
  uploads.end(upload, new Set(parts.map((part) => part.blob.name)));
  return completed(request, etag);
}

function completed(request: AuthenticatedRequest, etag: string): Reply {
  const { bucket, key, rawPath } = request.head.target;
  const xml = xmlDocument([
    'CompleteMultipartUploadResult',
    [
      ['Location', `http://${request.head.headers.get('host') ?? ''}${rawPath}`],
      ['Bucket', bucket],
      ['Key', key],
      ['ETag', `"${etag}"`],
    ],
  ]);
  return { status: 200, xml };
}

/** The parts the client named, checked against those that arrived: order, ETag, checksum and size. */
function chooseParts(requested: readonly XmlNode[], stored: readonly PartEntry[]): PartEntry[] {
  const byNumber = new Map(stored.map((part) => [part.number, part]));
  const chosen: PartEntry[] = [];
  for (const element of requested) {
    const number = Number(childText(element, 'PartNumber') ?? Number.NaN);
    if (element.name !== 'Part' || !Number.isInteger(number)) throw new S3Error('MalformedXML');
    if (number <= (chosen.at(-1)?.number ?? 0)) throw new S3Error('InvalidPartOrder');
    const part = byNumber.get(number);
    if (!part || !matches(element, part)) {
      throw new S3Error('InvalidPart', undefined, { PartNumber: String(number) });
    }
    chosen.push(part);
  }
  if (chosen.length === 0) throw new S3Error('MalformedXML');
  const small = chosen.slice(0, -1).find((part) => part.blob.size < MIN_PART_BYTES);
  if (small) {
    throw new S3Error('EntityTooSmall', undefined, {
      ETag: `"${small.etag}"`,
      MinSizeAllowed: String(MIN_PART_BYTES),
      PartNumber: String(small.number),
      ProposedSize: String(small.blob.size),
    });
  }
  return chosen;
}

function matches(element: XmlNode, part: PartEntry): boolean {
  const etag = (childText(element, 'ETag') ?? '').trim().replace(/^"|"$/g, '');
  const { checksum } = part;
  const named = checksum && childText(element, `Checksum${checksum.algorithm.toUpperCase()}`);
  return etag === part.etag && (named === undefined || named === checksum?.value);
}

/** Makes one object of the parts without copying them; returns its ETag. */
function putJoined(
  objects: ObjectFolder,
  joined: {
    readonly upload: UploadEntry;
    readonly parts: readonly PartEntry[];
    readonly modified: string;
  },
): string {
  const { upload, parts, modified } = joined;
  const etag = joinedEntityTag(parts.map((part) => part.etag));
  const blobs = parts.map((part) => part.blob);
  objects.put({
    key: upload.key,
    etag,
    size: blobs.reduce((sum, blob) => sum + blob.size, 0),
    modified,
    headers: upload.headers,
    blobs,
    uploadId: upload.uploadId,
  });
  return etag;
}

export function abortMultipartUpload(store: BucketFolder, request: AuthenticatedRequest): Reply {
  const { bucket, key } = request.head.target;
  const { uploads } = store.get(bucket);
  uploads.end(uploads.get(uploadId(request), key));
  return { status: 204 };
}
