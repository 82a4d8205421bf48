import { S3Error } from './s3-error.ts';

/** What the first line of a request names: bucket, key and query, with the raw path the client signed. */
export interface RequestTarget {
  /** As sent, still percent-encoded, without the query. */
  readonly rawPath: string;
  /** '' for the service itself. */
  readonly bucket: string;
  /** '' for the bucket itself. */
  readonly key: string;
  /** Decoded pairs in the order sent. */
  readonly query: readonly (readonly [name: string, value: string])[];
}

const MAX_KEY_BYTES = 1024;

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch (cause) {
    throw new S3Error('InvalidURI', undefined, {}, cause);
  }
}

/** Only path-style addresses (`/bucket/key`) are understood. */
export function parseRequestTarget(url: string): RequestTarget {
  if (!url.startsWith('/')) throw new S3Error('InvalidURI');
  const mark = url.indexOf('?');
  const rawPath = mark < 0 ? url : url.slice(0, mark);
  const slash = rawPath.indexOf('/', 1);
  const bucket = decode(slash < 0 ? rawPath.slice(1) : rawPath.slice(1, slash));
  const key = slash < 0 ? '' : decode(rawPath.slice(slash + 1));
  if (Buffer.byteLength(key) > MAX_KEY_BYTES) {
    throw new S3Error('KeyTooLongError', undefined, { MaxSizeAllowed: String(MAX_KEY_BYTES) });
  }
  const query =
    mark < 0
      ? []
      : url
          .slice(mark + 1)
          .split('&')
          .filter(Boolean)
          .map(decodePair);
  return { rawPath, bucket, key, query };
}

function decodePair(pair: string): [string, string] {
  const text = pair.replaceAll('+', ' ');
  const equals = text.indexOf('=');
  if (equals < 0) return [decode(text), ''];
  return [decode(text.slice(0, equals)), decode(text.slice(equals + 1))];
}

/** The first value of a query parameter; '' when it stands without one, undefined when it is absent. */
export function queryValue(target: RequestTarget, name: string): string | undefined {
  return target.query.find(([candidate]) => candidate === name)?.[1];
}

/** A query parameter that must be an integer within [min, max]. */
export function queryInteger(
  target: RequestTarget,
  name: string,
  range: { readonly fallback: number; readonly min: number; readonly max: number },
): number {
  const text = queryValue(target, name);
  if (text === undefined || text === '') return range.fallback;
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < range.min || value > range.max) {
    const message = `${name} must be an integer between ${range.min} and ${range.max}, got '${text}'`;
    throw new S3Error('InvalidArgument', message, { ArgumentName: name, ArgumentValue: text });
  }
  return value;
}
