import type { BucketFolder } from './bucket-folder.ts';
import { type ListingPage, listPage } from './bucket-listing.ts';
import { compareKeys } from './key-order.ts';
import type { AuthenticatedRequest, Reply } from './operation.ts';
import { queryInteger, queryValue, type RequestTarget } from './request-target.ts';
import { S3Error } from './s3-error.ts';
import { uriEncode } from './signature.ts';
import { type XmlElement, xmlDocument } from './xml.ts';

/** As on AWS, a page holds at most 1000 entries, whatever the client asks for. */
const PAGE_ENTRIES = 1000;
const OWNER: XmlElement = ['Owner', [['ID', 'owner']]];

function pageLimit(target: RequestTarget, name: string): number {
  const range = { fallback: PAGE_ENTRIES, min: 0, max: 2 ** 31 - 1 };
  return Math.min(queryInteger(target, name, range), PAGE_ENTRIES);
}

/** Writes keys as the client wants them: as they are, or percent-encoded because XML cannot hold every character. */
function keyEncoder(target: RequestTarget): (key: string) => string {
  const type = queryValue(target, 'encoding-type');
  if (type === undefined) return (key) => key;
  if (type !== 'url') {
    throw new S3Error('InvalidArgument', 'Invalid Encoding Method specified in Request', {
      ArgumentName: 'encoding-type',
      ArgumentValue: type,
    });
  }
  return (key) => uriEncode(key).replaceAll('%2F', '/');
}

export function listObjectsV2(store: BucketFolder, request: AuthenticatedRequest): Reply {
  const { target } = request.head;
  const token = queryValue(target, 'continuation-token');
  const startAfter = queryValue(target, 'start-after') ?? '';
  const after = token === undefined ? startAfter : readToken(token);
  const { page, elements, encode } = listBucket(store, request, after);
  const { keys, commonPrefixes } = page;
  const v2: XmlElement[] = [['KeyCount', keys.length + commonPrefixes.length]];
  if (token !== undefined) v2.push(['ContinuationToken', token]);
  if (startAfter !== '') v2.push(['StartAfter', encode(startAfter)]);
  if (page.truncated) v2.push(['NextContinuationToken', writeToken(page.last)]);
  return { status: 200, xml: xmlDocument(['ListBucketResult', [...v2, ...elements]]) };
}

export function listObjectsV1(store: BucketFolder, request: AuthenticatedRequest): Reply {
  const { target } = request.head;
  const marker = queryValue(target, 'marker') ?? '';
  const { page, elements, encode } = listBucket(store, request, marker);
  const v1: XmlElement[] = [['Marker', encode(marker)]];
  if (page.truncated && queryValue(target, 'delimiter')) {
    v1.push(['NextMarker', encode(page.last)]);
  }
  return { status: 200, xml: xmlDocument(['ListBucketResult', [...v1, ...elements]]) };
}

/** What both versions have in common. */
function listBucket(
  store: BucketFolder,
  request: AuthenticatedRequest,
  after: string,
): { page: ListingPage; elements: XmlElement[]; encode: (key: string) => string } {
  const { target } = request.head;
  const { name, objects } = store.get(target.bucket);
  const encode = keyEncoder(target);
  const prefix = queryValue(target, 'prefix') ?? '';
  const delimiter = queryValue(target, 'delimiter') ?? '';
  const maxKeys = pageLimit(target, 'max-keys');
  const page = listPage(objects.keys, { prefix, delimiter, after, maxKeys });
  const elements: XmlElement[] = [
    ['Name', name],
    ['Prefix', encode(prefix)],
    ['MaxKeys', maxKeys],
    ['IsTruncated', page.truncated],
  ];
  if (delimiter !== '') elements.push(['Delimiter', encode(delimiter)]);
  if (queryValue(target, 'encoding-type')) elements.push(['EncodingType', 'url']);
  for (const key of page.keys) {
    const object = objects.get(key);
    if (!object) continue;
    elements.push([
      'Contents',
      [
        ['Key', encode(key)],
        ['LastModified', object.modified],
        ['ETag', `"${object.etag}"`],
        ['Size', object.size],
        ['StorageClass', 'STANDARD'],
      ],
    ]);
  }
  for (const common of page.commonPrefixes) {
    elements.push(['CommonPrefixes', [['Prefix', encode(common)]]]);
  }
  return { page, elements, encode };
}

function writeToken(last: string): string {
  return Buffer.from(last, 'utf8').toString('base64url');
}

function readToken(token: string): string {
  const last = Buffer.from(token, 'base64url').toString('utf8');
  if (token === '' || writeToken(last) !== token) {
    throw new S3Error('InvalidArgument', 'The continuation token provided is incorrect', {
      ArgumentName: 'continuation-token',
    });
  }
  return last;
}

export function listParts(store: BucketFolder, request: AuthenticatedRequest): Reply {
  const { target } = request.head;
  const uploadId = queryValue(target, 'uploadId') ?? '';
  const marker = queryInteger(target, 'part-number-marker', {
    fallback: 0,
    min: 0,
    max: 2 ** 31 - 1,
  });
  const maxParts = pageLimit(target, 'max-parts');
  const all = store.get(target.bucket).uploads.parts(uploadId, target.key);
  const later = all.filter((part) => part.number > marker);
  const page = later.slice(0, maxParts);
  const elements: XmlElement[] = [
    ['Bucket', target.bucket],
    ['Key', keyEncoder(target)(target.key)],
    ['UploadId', uploadId],
    OWNER,
    ['StorageClass', 'STANDARD'],
    ['PartNumberMarker', marker],
    ['NextPartNumberMarker', page.at(-1)?.number ?? marker],
    ['MaxParts', maxParts],
    ['IsTruncated', page.length < later.length],
  ];
  for (const part of page) {
    const { checksum } = part;
    const details: XmlElement[] = [
      ['PartNumber', part.number],
      ['LastModified', part.modified],
      ['ETag', `"${part.etag}"`],
      ['Size', part.blob.size],
    ];
    if (checksum) details.push([`Checksum${checksum.algorithm.toUpperCase()}`, checksum.value]);
    elements.push(['Part', details]);
  }
  return { status: 200, xml: xmlDocument(['ListPartsResult', elements]) };
}

export function listMultipartUploads(store: BucketFolder, request: AuthenticatedRequest): Reply {
  const { target } = request.head;
  if (queryValue(target, 'delimiter')) {
    throw new S3Error('NotImplemented', 'ListMultipartUploads takes no delimiter here.');
  }
  const encode = keyEncoder(target);
  const prefix = queryValue(target, 'prefix') ?? '';
  const keyMarker = queryValue(target, 'key-marker') ?? '';
  const idMarker = queryValue(target, 'upload-id-marker') ?? '';
  const maxUploads = pageLimit(target, 'max-uploads');
  const matching = store
    .get(target.bucket)
    .uploads.list()
    .filter((u) => u.key.startsWith(prefix));
  // Uploads of one key are ordered by age, so the id marker is a place in the list, not a value to compare.
  const marked = matching.findIndex((u) => u.key === keyMarker && u.uploadId === idMarker);
  const later =
    marked >= 0
      ? matching.slice(marked + 1)
      : matching.filter((u) => keyMarker === '' || compareKeys(u.key, keyMarker) > 0);
  const page = later.slice(0, maxUploads);
  const last = page.at(-1);
  const elements: XmlElement[] = [
    ['Bucket', target.bucket],
    ['Prefix', encode(prefix)],
    ['KeyMarker', encode(keyMarker)],
    ['UploadIdMarker', idMarker],
    ['MaxUploads', maxUploads],
    ['IsTruncated', page.length < later.length],
  ];
  if (page.length < later.length && last) {
    elements.push(['NextKeyMarker', encode(last.key)], ['NextUploadIdMarker', last.uploadId]);
  }
  for (const { key, uploadId, initiated } of page) {
    elements.push([
      'Upload',
      [['Key', encode(key)], ['UploadId', uploadId], OWNER, ['Initiated', initiated]],
    ]);
  }
  return { status: 200, xml: xmlDocument(['ListMultipartUploadsResult', elements]) };
}
