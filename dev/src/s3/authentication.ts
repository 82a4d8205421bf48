import type { RequestHead } from './request-head.ts';
import { S3Error } from './s3-error.ts';
import {
  canonicalRequest,
  SIGNATURE_ALGORITHM,
  sameSignature,
  scopeText,
  sha256Hex,
  signingKey,
  signLines,
} from './signature.ts';
import { readSignatureClaim, type SignatureClaim } from './signature-claim.ts';

/** The one account of the server. */
export interface Identity {
  readonly accessKey: string;
  readonly secretKey: string;
  readonly region: string;
}

/** A verified signature: what the body is measured against, and what its chunks are signed with. */
export interface Authentication {
  /** Hex SHA-256, UNSIGNED-PAYLOAD or a STREAMING-… kind; covered by the signature. */
  readonly payloadHash: string;
  readonly signature: string;
  readonly signingKey: Buffer;
  readonly amzDate: string;
  readonly scope: string;
}

const MAX_SKEW_MS = 15 * 60_000;

/**
 * Verifies that the request was signed by the owner of the secret key, for this service and region,
 * and at this time. Throws the S3Error AWS would answer with.
 */
export function authenticate(head: RequestHead, identity: Identity, now: Date): Authentication {
  const claim = readSignatureClaim(head);
  if (!sameSignature(sha256Hex(identity.accessKey), sha256Hex(claim.accessKey))) {
    throw new S3Error('InvalidAccessKeyId', undefined, { AWSAccessKeyId: claim.accessKey });
  }
  checkScope(claim, identity.region);
  checkTime(claim, now);
  checkSignedHeaders(head, claim);
  const key = signingKey(identity.secretKey, claim.scope);
  checkSignature(head, claim, key);
  return {
    payloadHash: claim.payloadHash,
    signature: claim.signature,
    signingKey: key,
    amzDate: claim.amzDate,
    scope: scopeText(claim.scope),
  };
}

function checkScope(claim: SignatureClaim, region: string): void {
  const { scope, amzDate } = claim;
  const refuse = (why: string, fields: Record<string, string> = {}): S3Error =>
    claim.expiresSeconds === undefined
      ? new S3Error(
          'AuthorizationHeaderMalformed',
          `The authorization header is malformed; ${why}`,
          fields,
        )
      : new S3Error(
          'AuthorizationQueryParametersError',
          `Error parsing the X-Amz-Credential parameter; ${why}`,
          fields,
        );
  if (scope.region !== region) {
    throw refuse(`the region '${scope.region}' is wrong; expecting '${region}'`, {
      Region: region,
    });
  }
  if (scope.service !== 's3') {
    throw refuse(`incorrect service "${scope.service}". This endpoint belongs to "s3".`);
  }
  if (!amzDate.startsWith(`${scope.day}T`)) {
    throw refuse(
      `Invalid credential date "${scope.day}". This date is not the same as X-Amz-Date: "${amzDate}".`,
    );
  }
}

function parseAmzDate(amzDate: string): number {
  const match = /^(\d{4})(\d{2})(\d{2})T(\d{2})(\d{2})(\d{2})Z$/.exec(amzDate);
  const time = match
    ? Date.parse(amzDate.replace(/^(....)(..)(..)T(..)(..)(..)Z$/, '$1-$2-$3T$4:$5:$6Z'))
    : Number.NaN;
  if (Number.isNaN(time)) {
    throw new S3Error(
      'AccessDenied',
      'AWS authentication requires a valid Date or x-amz-date header',
    );
  }
  return time;
}

function checkTime(claim: SignatureClaim, now: Date): void {
  const signedAt = parseAmzDate(claim.amzDate);
  const age = now.getTime() - signedAt;
  if (claim.expiresSeconds === undefined) {
    if (Math.abs(age) <= MAX_SKEW_MS) return;
    throw new S3Error('RequestTimeTooSkewed', undefined, {
      RequestTime: claim.amzDate,
      ServerTime: now.toISOString(),
      MaxAllowedSkewMilliseconds: String(MAX_SKEW_MS),
    });
  }
  if (age < -MAX_SKEW_MS) throw new S3Error('AccessDenied', 'Request is not yet valid');
  if (age > claim.expiresSeconds * 1000) {
    throw new S3Error('AccessDenied', 'Request has expired', {
      'X-Amz-Expires': String(claim.expiresSeconds),
      Expires: new Date(signedAt + claim.expiresSeconds * 1000).toISOString(),
      ServerTime: now.toISOString(),
    });
  }
}

/**
 * Without `host` a request could be replayed to another server. An unsigned x-amz-* header would let
 * any holder of a presigned URL change what it means. x-amz-content-sha256 is exempt because its
 * value is a line of the canonical request anyway.
 */
function checkSignedHeaders(head: RequestHead, claim: SignatureClaim): void {
  const signed = new Set(claim.signedHeaders);
  const unsigned = [...head.headers.keys()].filter(
    (name) =>
      (name === 'host' || (name.startsWith('x-amz-') && name !== 'x-amz-content-sha256')) &&
      !signed.has(name),
  );
  if (!head.headers.has('host')) unsigned.push('host');
  if (unsigned.length === 0) return;
  throw new S3Error(
    'AccessDenied',
    'There were headers present in the request which were not signed',
    { HeadersNotSigned: unsigned.join(', ') },
  );
}

function checkSignature(head: RequestHead, claim: SignatureClaim, key: Buffer): void {
  const presigned = claim.expiresSeconds !== undefined;
  const canonical = canonicalRequest({
    method: head.method,
    rawPath: head.target.rawPath,
    query: head.target.query.filter(([name]) => !(presigned && name === 'X-Amz-Signature')),
    headers: claim.signedHeaders.map((name) => [name, head.headers.get(name) ?? '']),
    payloadHash: claim.payloadHash,
  });
  const linesFor = (canonicalHash: string): string[] => [
    SIGNATURE_ALGORITHM,
    claim.amzDate,
    scopeText(claim.scope),
    canonicalHash,
  ];
  // Node reads header bytes as latin1. Clients that send UTF-8 signed those bytes, clients that send
  // latin1 (Node's own) signed the text: both are honest, they differ only for non-ASCII values.
  const lines = linesFor(sha256Hex(canonical));
  if (sameSignature(signLines(key, lines), claim.signature)) return;
  const byBytes = linesFor(sha256Hex(Buffer.from(canonical, 'latin1')));
  if (sameSignature(signLines(key, byBytes), claim.signature)) return;
  throw new S3Error('SignatureDoesNotMatch', undefined, {
    AWSAccessKeyId: claim.accessKey,
    StringToSign: lines.join('\n'),
    CanonicalRequest: canonical,
  });
}
