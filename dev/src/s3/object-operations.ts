import type { BucketFolder } from './bucket-folder.ts';
import { readByteRange } from './byte-range.ts';
import { checksumHeader } from './checksum.ts';
import { entityTag } from './entity-tag.ts';
import type { ObjectEntry } from './object-folder.ts';
import { describeObject, keptHeaders } from './object-headers.ts';
import { type AuthenticatedRequest, type Reply, receiveBlob, receiveXml } from './operation.ts';
import { checkWriteCondition, isNotModified } from './precondition.ts';
import { S3Error } from './s3-error.ts';
import { childText, type XmlElement, xmlDocument } from './xml.ts';

export async function putObject(
  store: BucketFolder,
  request: AuthenticatedRequest,
): Promise<Reply> {
  const { bucket, key } = request.head.target;
  const { headers } = request.head;
  const kept = keptHeaders(headers);
  // Before the body, to spare a hopeless upload; and after it, because only that decides.
  checkWriteCondition(headers, store.get(bucket).objects.get(key));
  const { blob, receipt } = await receiveBlob(store, request);
  const etag = entityTag(receipt.sha256);
  try {
    const { objects } = store.get(bucket);
    checkWriteCondition(headers, objects.get(key));
    objects.put({
      key,
      etag,
      size: receipt.size,
      modified: request.now.toISOString(),
      headers: kept,
      blobs: [blob],
      ...(receipt.checksum && { checksum: receipt.checksum }),
    });
  } catch (error) {
    store.blobs.discard([blob]);
    throw error;
  }
  const { checksum } = receipt;
  return {
    status: 200,
    headers: {
      etag: `"${etag}"`,
      ...(checksum && { [checksumHeader(checksum.algorithm)]: checksum.value }),
    },
  };
}

/** GetObject and HeadObject; for the latter the handler leaves the body out. */
export function getObject(store: BucketFolder, request: AuthenticatedRequest): Reply {
  const { head } = request;
  const object = findObject(store, head.target.bucket, head.target.key);
  const described = describeObject(object, head);
  if (isNotModified(head.headers, object)) return { status: 304, headers: described };
  const range = readByteRange(head.headers.get('range'), object.size);
  const headers: Record<string, string> = {
    ...described,
    'content-length': String(range ? range.last - range.first + 1 : object.size),
  };
  if (range) {
    headers['content-range'] = `bytes ${range.first}-${range.last}/${object.size}`;
    // The stored checksum is that of the whole object.
    if (object.checksum) delete headers[checksumHeader(object.checksum.algorithm)];
  }
  const status = range ? 206 : 200;
  if (head.method === 'HEAD') return { status, headers };
  const download = {
    blobs: object.blobs,
    range: range ?? { first: 0, last: object.size - 1 },
    release: store.blobs.hold(object.blobs),
  };
  return { status, headers, download };
}

function findObject(store: BucketFolder, bucket: string, key: string): ObjectEntry {
  const object = store.get(bucket).objects.get(key);
  if (!object) throw new S3Error('NoSuchKey', undefined, { Key: key });
  return object;
}

export function deleteObject(store: BucketFolder, request: AuthenticatedRequest): Reply {
  const { bucket, key } = request.head.target;
  store.get(bucket).objects.remove(key);
  return { status: 204 };
}

const MAX_DELETED_KEYS = 1000;

export async function deleteManyObjects(
  store: BucketFolder,
  request: AuthenticatedRequest,
): Promise<Reply> {
  const { bucket } = request.head.target;
  store.get(bucket);
  const root = await receiveXml(request, 'Delete');
  const keys = root.children
    .filter((child) => child.name === 'Object')
    .map((child) => childText(child, 'Key'));
  if (keys.length === 0 || keys.length > MAX_DELETED_KEYS) throw new S3Error('MalformedXML');
  const { objects } = store.get(bucket);
  const quiet = childText(root, 'Quiet') === 'true';
  const deleted: XmlElement[] = [];
  for (const key of keys) {
    if (!key) throw new S3Error('MalformedXML');
    objects.remove(key);
    if (!quiet) deleted.push(['Deleted', [['Key', key]]]);
  }
  return { status: 200, xml: xmlDocument(['DeleteResult', deleted]) };
}
