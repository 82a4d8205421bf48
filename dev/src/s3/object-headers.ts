import { checksumHeader } from './checksum.ts';
import type { ObjectEntry } from './object-folder.ts';
import { queryValue, type RequestTarget } from './request-target.ts';
import { S3Error } from './s3-error.ts';

/** Headers of an upload that come back with the object; so does every x-amz-meta-… header. */
const KEPT = new Set([
  'cache-control',
  'content-disposition',
  'content-encoding',
  'content-language',
  'content-type',
  'expires',
]);

/** Headers that would change what is stored. Ignoring them would be wrong, so they are refused. */
const UNSUPPORTED =
  /^x-amz-(?:copy-source|server-side-encryption|object-lock|tagging|website-redirect-location|write-offset-bytes)/;

/** The headers to keep with an object. Throws NotImplemented for one that asks for more than storing bytes. */
export function keptHeaders(headers: ReadonlyMap<string, string>): Record<string, string> {
  const kept: Record<string, string> = { 'content-type': 'binary/octet-stream' };
  for (const [name, value] of headers) {
    if (UNSUPPORTED.test(name)) {
      throw new S3Error('NotImplemented', undefined, { Header: name });
    }
    const wanted = KEPT.has(name) || name.startsWith('x-amz-meta-');
    const stored = name === 'content-encoding' ? withoutFraming(value) : value;
    if (wanted && stored !== '') kept[name] = stored;
  }
  return kept;
}

/** aws-chunked says how the body travelled; it is not a property of the object. */
function withoutFraming(contentEncoding: string): string {
  return contentEncoding
    .split(',')
    .map((coding) => coding.trim())
    .filter((coding) => coding !== '' && coding.toLowerCase() !== 'aws-chunked')
    .join(',');
}

/** What HEAD and GET say about an object, sizes and ranges apart. */
export function describeObject(
  object: ObjectEntry,
  request: { readonly target: RequestTarget; readonly headers: ReadonlyMap<string, string> },
): Record<string, string> {
  const described: Record<string, string> = {
    ...object.headers,
    'accept-ranges': 'bytes',
    etag: `"${object.etag}"`,
    'last-modified': new Date(object.modified).toUTCString(),
  };
  if (object.checksum && request.headers.get('x-amz-checksum-mode')?.toUpperCase() === 'ENABLED') {
    described[checksumHeader(object.checksum.algorithm)] = object.checksum.value;
    described['x-amz-checksum-type'] = 'FULL_OBJECT';
  }
  for (const name of KEPT) {
    const override = queryValue(request.target, `response-${name}`);
    // A line break would let a URL write headers of its own.
    if (override && /^[\x20-\x7e]+$/.test(override)) described[name] = override;
  }
  return described;
}
