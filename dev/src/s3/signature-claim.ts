import type { RequestHead } from './request-head.ts';
import { queryValue } from './request-target.ts';
import { S3Error } from './s3-error.ts';
import { type CredentialScope, SIGNATURE_ALGORITHM, UNSIGNED_PAYLOAD } from './signature.ts';

/** Who a request says it comes from, and the signature that must prove it. Nothing in it is verified yet. */
export interface SignatureClaim {
  readonly accessKey: string;
  readonly scope: CredentialScope;
  /** yyyymmddThhmmssZ, as signed. */
  readonly amzDate: string;
  readonly signedHeaders: readonly string[];
  readonly signature: string;
  readonly payloadHash: string;
  /** Life of a presigned URL in seconds; absent when the signature is in the Authorization header. */
  readonly expiresSeconds?: number;
}

const MAX_PRESIGNED_SECONDS = 604_800;

/** Reads the claim from the Authorization header or from a presigned URL; refuses unsigned requests. */
export function readSignatureClaim(head: RequestHead): SignatureClaim {
  const authorization = head.headers.get('authorization');
  const presigned = queryValue(head.target, 'X-Amz-Algorithm') !== undefined;
  if (authorization !== undefined && presigned) {
    throw new S3Error(
      'InvalidArgument',
      'Only one auth mechanism allowed; only the X-Amz-Algorithm query parameter, Signature query string parameter or the Authorization header should be specified',
    );
  }
  if (presigned) return readPresigned(head);
  if (authorization === undefined) throw new S3Error('AccessDenied');
  return readAuthorization(head, authorization);
}

function readAuthorization(head: RequestHead, authorization: string): SignatureClaim {
  if (!authorization.startsWith(`${SIGNATURE_ALGORITHM} `)) {
    throw new S3Error(
      'InvalidRequest',
      `The authorization mechanism you have provided is not supported. Please use ${SIGNATURE_ALGORITHM}.`,
    );
  }
  const fields = new Map<string, string>();
  for (const field of authorization.slice(SIGNATURE_ALGORITHM.length).split(',')) {
    const equals = field.indexOf('=');
    if (equals > 0) fields.set(field.slice(0, equals).trim(), field.slice(equals + 1).trim());
  }
  const malformed = (why: string) =>
    new S3Error('AuthorizationHeaderMalformed', `The authorization header is malformed; ${why}`);
  const required = (name: string): string => {
    const value = fields.get(name);
    if (!value) throw malformed(`it has no ${name}.`);
    return value;
  };
  const payloadHash = head.headers.get('x-amz-content-sha256');
  if (payloadHash === undefined) {
    throw new S3Error(
      'InvalidRequest',
      'Missing required header for this request: x-amz-content-sha256',
    );
  }
  return {
    ...readCredential(required('Credential'), malformed),
    amzDate: headerDate(head),
    signedHeaders: required('SignedHeaders').split(';'),
    signature: required('Signature'),
    payloadHash,
  };
}

function readPresigned(head: RequestHead): SignatureClaim {
  const malformed = (why: string) => new S3Error('AuthorizationQueryParametersError', why);
  const required = (name: string): string => {
    const value = queryValue(head.target, name);
    if (!value) throw malformed(`Query-string authentication requires the ${name} parameter.`);
    return value;
  };
  if (required('X-Amz-Algorithm') !== SIGNATURE_ALGORITHM) {
    throw malformed(`X-Amz-Algorithm only supports "${SIGNATURE_ALGORITHM}".`);
  }
  const expires = required('X-Amz-Expires');
  if (!/^\d{1,9}$/.test(expires)) throw malformed('X-Amz-Expires should be a number');
  const expiresSeconds = Number(expires);
  if (expiresSeconds > MAX_PRESIGNED_SECONDS) {
    throw malformed(
      `X-Amz-Expires must be less than a week (in seconds); that is, the given X-Amz-Expires must be less than ${MAX_PRESIGNED_SECONDS} seconds`,
    );
  }
  return {
    ...readCredential(required('X-Amz-Credential'), malformed),
    amzDate: required('X-Amz-Date'),
    signedHeaders: required('X-Amz-SignedHeaders').split(';'),
    signature: required('X-Amz-Signature'),
    payloadHash:
      head.headers.get('x-amz-content-sha256') ??
      queryValue(head.target, 'X-Amz-Content-Sha256') ??
      UNSIGNED_PAYLOAD,
    expiresSeconds,
  };
}

function readCredential(
  credential: string,
  malformed: (why: string) => S3Error,
): Pick<SignatureClaim, 'accessKey' | 'scope'> {
  const match = /^(.+)\/(\d{8})\/([^/]*)\/([^/]*)\/aws4_request$/.exec(credential);
  if (!match) {
    throw malformed(
      'the Credential is mal-formed; expecting "<YOUR-AKID>/YYYYMMDD/REGION/SERVICE/aws4_request".',
    );
  }
  const [, accessKey = '', day = '', region = '', service = ''] = match;
  return { accessKey, scope: { day, region, service } };
}

/** x-amz-date, or the standard Date header in the form in which it is signed. */
function headerDate(head: RequestHead): string {
  const amzDate = head.headers.get('x-amz-date');
  if (amzDate !== undefined) return amzDate;
  const time = Date.parse(head.headers.get('date') ?? '');
  if (Number.isNaN(time)) {
    throw new S3Error(
      'AccessDenied',
      'AWS authentication requires a valid Date or x-amz-date header',
    );
  }
  return new Date(time).toISOString().replace(/[-:]|\.\d{3}/g, '');
}
