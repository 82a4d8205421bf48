import { hideSecrets, redact } from '../core/redaction.ts';
import { type ErrorCode, RelytError } from '../errors.ts';
import { abortedError } from './retry.ts';

/** The context of a failed request, for the message. */
export interface S3Request {
  /** The S3 operation: UploadPart. */
  readonly operation: string;
  /** s3://bucket at endpoint. */
  readonly location: string;
  /** The key, or the prefix. */
  readonly key?: string;
  readonly signal?: AbortSignal;
  /** Values that must not appear anywhere in the error. */
  readonly secrets: Iterable<string>;
}

const BY_NAME: Readonly<Record<string, ErrorCode>> = {
  InvalidAccessKeyId: 'S3_AUTH_FAILED',
  SignatureDoesNotMatch: 'S3_AUTH_FAILED',
  AuthorizationHeaderMalformed: 'S3_AUTH_FAILED',
  AuthorizationQueryParametersError: 'S3_AUTH_FAILED',
  InvalidToken: 'S3_AUTH_FAILED',
  ExpiredToken: 'S3_AUTH_FAILED',
  TokenRefreshRequired: 'S3_AUTH_FAILED',
  InvalidSecurity: 'S3_AUTH_FAILED',
  CredentialsProviderError: 'S3_AUTH_FAILED',
  TokenProviderError: 'S3_AUTH_FAILED',
  ExpiredTokenException: 'S3_AUTH_FAILED',
  AccessDenied: 'S3_ACCESS_DENIED',
  AllAccessDisabled: 'S3_ACCESS_DENIED',
  AccountProblem: 'S3_ACCESS_DENIED',
  NoSuchBucket: 'S3_BUCKET_MISSING',
  RequestTimeTooSkewed: 'S3_CLOCK_SKEW',
  RequestExpired: 'S3_CLOCK_SKEW',
  SlowDown: 'S3_UNAVAILABLE',
  ServiceUnavailable: 'S3_UNAVAILABLE',
  InternalError: 'S3_UNAVAILABLE',
  RequestTimeout: 'S3_UNAVAILABLE',
  OperationAborted: 'S3_UNAVAILABLE',
  Throttling: 'S3_UNAVAILABLE',
  ThrottlingException: 'S3_UNAVAILABLE',
  TooManyRequests: 'S3_UNAVAILABLE',
  RequestLimitExceeded: 'S3_UNAVAILABLE',
  BandwidthLimitExceeded: 'S3_UNAVAILABLE',
  // Our own name: the connection ended in the middle of an object.
  ShortBody: 'S3_UNREACHABLE',
};

/**
 * The RelytError for whatever the SDK threw. It goes by the error's name, the HTTP status and the errno, in this
 * order, never by the text of the message: some servers send none.
 */
export function s3Error(error: unknown, request: S3Request): RelytError {
  if (error instanceof RelytError) return error;
  const facts = factsOf(error, request.secrets);
  if (request.signal?.aborted) return abortedError(request.signal, facts.cause);
  const code = codeOf(facts);
  const place = request.key === undefined ? '' : ` of ${JSON.stringify(request.key)}`;
  const status = `HTTP ${facts.status}`;
  const known = facts.status === undefined || facts.name === status;
  const what = known ? facts.name : `${facts.name}, ${status}`;
  const message = `S3 ${request.operation}${place} in ${request.location} failed: ${what}.`;
  const hint = hintFor(facts);
  return new RelytError(code, message, {
    details: { s3Error: facts.name },
    ...(hint === undefined ? {} : { hint }),
    cause: facts.cause,
  });
}

interface ErrorFacts {
  /** The S3 error code, or the errno, or the class of the error. */
  readonly name: string;
  readonly errno: string | undefined;
  readonly status: number | undefined;
  /** The server's Date told the SDK that the clock of this machine is minutes off. */
  readonly clockOff: boolean;
  readonly cause: Error;
}

function codeOf({ name, errno, status, clockOff }: ErrorFacts): ErrorCode {
  const named = BY_NAME[name];
  if (named !== undefined) return named;
  if (status !== undefined) {
    if (status === 401) return 'S3_AUTH_FAILED';
    // The answer to HEAD has no body to say why; with such a clock this is why.
    if (clockOff && name === 'HTTP 403') return 'S3_CLOCK_SKEW';
    if (status === 403) return 'S3_ACCESS_DENIED';
    // 501 says that the server will never know this operation.
    const overloaded = status === 408 || status === 429 || (status >= 500 && status !== 501);
    return overloaded ? 'S3_UNAVAILABLE' : 'S3_ERROR';
  }
  if (errno !== undefined) return 'S3_UNREACHABLE';
  // The SDK calls it so when no connection was made, or a connection fell silent, for too long.
  return name === 'TimeoutError' ? 'S3_UNAVAILABLE' : 'S3_ERROR';
}

function hintFor({ name, status, errno }: ErrorFacts): string | undefined {
  if (name === 'PermanentRedirect' || name === 'AuthorizationHeaderMalformed' || status === 301) {
    return 'Correct region and endpoint in LOADER_CONFIG: the bucket is in another region.';
  }
  if (name === 'CredentialsProviderError') {
    return 'Give access_key and secret_key in LOADER_CONFIG (or s3.accessKey and s3.secretKey), or give this process AWS credentials: AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, AWS_PROFILE, or a role of the machine.';
  }
  if (
    name === 'ExpiredToken' ||
    name === 'ExpiredTokenException' ||
    name === 'TokenProviderError'
  ) {
    return 'Get new temporary credentials (`aws sso login`, or a new session token), then resume the task.';
  }
  if (name === 'TimeoutError') {
    return 'Check that the endpoint is right and that no firewall drops its packets.';
  }
  if (errno !== undefined && /CERT|SSL|TLS|SELF_SIGNED|EPROTO|VERIFY/.test(errno)) {
    return 'Check http or https in the endpoint, and NODE_EXTRA_CA_CERTS for a private certificate authority: the TLS connection was refused.';
  }
  return undefined;
}

function factsOf(error: unknown, secrets: Iterable<string>): ErrorFacts {
  const record = isRecord(error) ? error : {};
  const metadata = isRecord(record.$metadata) ? record.$metadata : {};
  const status = numberOr(metadata.httpStatusCode);
  const errno = stringOr(record.code) ?? stringOr(record.errno);
  const ownName = stringOr(record.name) ?? 'Error';
  // A transport error is a plain Error (or one the SDK renamed), and its errno says more than its name.
  const generic = ownName === 'Error' || ownName === 'AggregateError' || ownName === 'TimeoutError';
  const named = generic && errno !== undefined && status === undefined ? errno : ownName;
  // Without a body there is no S3 error code, and the SDK then puts the number of the status there.
  const name = /^(\d+|Unknown|UnknownError)$/.test(named) ? `HTTP ${status ?? named}` : named;
  return {
    name,
    errno: status === undefined ? errno : undefined,
    status,
    clockOff: metadata.clockSkewCorrected === true,
    cause: cleanCause(),
  };

  // The SDK's own error must not go along: it carries the response, through it the request with its
  // signed headers, and for a wrong signature even the string that was signed.
  function cleanCause(): Error {
    const cause = new Error(scrub(stringOr(record.message) ?? String(error), secrets));
    cause.name = ownName;
    const requestId = stringOr(metadata.requestId);
    return Object.assign(cause, {
      ...(errno === undefined ? {} : { code: errno }),
      ...(status === undefined ? {} : { httpStatusCode: status }),
      ...(requestId === undefined ? {} : { requestId }),
    });
  }
}

function scrub(text: string, secrets: Iterable<string>): string {
  return redact(hideSecrets(text, [...secrets]));
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function stringOr(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function numberOr(value: unknown): number | undefined {
  return typeof value === 'number' ? value : undefined;
}
