import { createHash, createHmac, timingSafeEqual } from 'node:crypto';

/**
 * AWS Signature Version 4 as a calculation: no clock, no request objects.
 * `authentication.ts` decides what is signed and when it is valid, `chunked-body.ts` signs chunks with it.
 */

export const SIGNATURE_ALGORITHM = 'AWS4-HMAC-SHA256';

/** Payload hash of a presigned URL, and of clients that leave the body unsigned. */
export const UNSIGNED_PAYLOAD = 'UNSIGNED-PAYLOAD';

export interface CredentialScope {
  /** yyyymmdd, UTC. */
  readonly day: string;
  readonly region: string;
  readonly service: string;
}

export interface CanonicalParts {
  readonly method: string;
  readonly rawPath: string;
  readonly query: readonly (readonly [name: string, value: string])[];
  /** Name and value of every signed header, in the order of the client's SignedHeaders. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly payloadHash: string;
}

/** Percent-encoding as AWS defines it: everything but A-Z a-z 0-9 - . _ ~. */
export function uriEncode(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

export function sha256Hex(data: string | Buffer): string {
  return createHash('sha256').update(data).digest('hex');
}

function compareAscii(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

export function canonicalRequest(parts: CanonicalParts): string {
  // Clients differ in what they escape in a path; decoding and encoding again gives the one signed form.
  const path = parts.rawPath
    .split('/')
    .map((segment) => uriEncode(decodeURIComponent(segment)))
    .join('/');
  const query = parts.query
    .map(([name, value]) => [uriEncode(name), uriEncode(value)] as const)
    .sort((a, b) => compareAscii(a[0], b[0]) || compareAscii(a[1], b[1]))
    .map((pair) => pair.join('='))
    .join('&');
  const headers = parts.headers.map(([name, value]) => `${name}:${value}\n`).join('');
  const names = parts.headers.map(([name]) => name).join(';');
  return [parts.method, path, query, headers, names, parts.payloadHash].join('\n');
}

export function scopeText(scope: CredentialScope): string {
  return `${scope.day}/${scope.region}/${scope.service}/aws4_request`;
}

export function signingKey(secretKey: string, scope: CredentialScope): Buffer {
  let key = Buffer.from(`AWS4${secretKey}`, 'utf8');
  for (const step of [scope.day, scope.region, scope.service, 'aws4_request']) {
    key = createHmac('sha256', key).update(step, 'utf8').digest();
  }
  return key;
}

/** Signs the given lines, joined by line feeds; lower-case hex. */
export function signLines(key: Buffer, lines: readonly string[]): string {
  return createHmac('sha256', key).update(lines.join('\n'), 'utf8').digest('hex');
}

/** Compares in constant time, so that a signature cannot be guessed digit by digit. */
export function sameSignature(expected: string, given: string): boolean {
  const a = Buffer.from(expected, 'utf8');
  const b = Buffer.from(given, 'utf8');
  return a.length === b.length && timingSafeEqual(a, b);
}
