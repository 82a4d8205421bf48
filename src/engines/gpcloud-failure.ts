import { redact } from '../core/redaction.ts';
import { sentence } from '../core/sentence.ts';
import { SQLSTATE } from '../core/sqlstate.ts';
import { failureCode } from '../database/database-error.ts';
import { type ErrorCode, RelytError } from '../errors.ts';

/** Everything the s3 protocol reports has this one SQLSTATE: only the text tells failures apart. */
const PROTOCOL_FAILED = SQLSTATE.internalError;

/** The S3 error a server named, and what it means. */
const CODE_BY_S3_ERROR: Readonly<Record<string, ErrorCode>> = {
  NoSuchBucket: 'S3_BUCKET_MISSING',
  NoSuchKey: 'STAGED_FILE_LOST',
  SignatureDoesNotMatch: 'S3_AUTH_FAILED',
  InvalidAccessKeyId: 'S3_AUTH_FAILED',
  AuthorizationHeaderMalformed: 'S3_AUTH_FAILED',
  AccessDenied: 'S3_ACCESS_DENIED',
  RequestTimeTooSkewed: 'S3_CLOCK_SKEW',
  SlowDown: 'S3_UNAVAILABLE',
  ServiceUnavailable: 'S3_UNAVAILABLE',
  InternalError: 'S3_UNAVAILABLE',
};

const SERVER_SIDE_HINTS: Partial<Record<ErrorCode, string>> = {
  S3_AUTH_FAILED:
    'Check accessid, secret and region in the configuration file of the database, and in LOADER_CONFIG: the database signs with the keys of its own file.',
  S3_UNREACHABLE:
    'Make sure that the segment hosts themselves reach the endpoint; `encryption` in their configuration file decides between http and https.',
  ENGINE_UNSUPPORTED:
    'Put the configuration file of the s3 protocol on every segment host, or name it with greenplum.config (docs/guide/engine-greenplum.md).',
};

/**
 * What a failed scan of an S3 external table means; undefined for any other error. No cause is attached: what may
 * be tried again is decided by the code alone.
 */
export function gpcloudFailure(error: unknown): RelytError | undefined {
  const sqlstate = failureCode(error);
  const text = error instanceof Error ? error.message : '';
  const code = sqlstate === PROTOCOL_FAILED ? codeOf(text) : codeOfRight(sqlstate, text);
  if (code === undefined) return undefined;
  const s3Error = namedS3Error(text);
  const hint = sqlstate === PROTOCOL_FAILED ? SERVER_SIDE_HINTS[code] : protocolHint(code);
  return new RelytError(
    code,
    sentence(`The database could not read a staged file: ${sentenceOf(text)}`),
    {
      details: s3Error === undefined ? {} : { s3Error },
      ...(hint === undefined ? {} : { hint }),
    },
  );
}

function namedS3Error(text: string): string | undefined {
  return /returns error ([A-Za-z]+)/.exec(text)?.[1];
}

function codeOf(text: string): ErrorCode | undefined {
  const named = namedS3Error(text);
  if (named !== undefined) return CODE_BY_S3_ERROR[named] ?? 'S3_ERROR';
  if (/S3ConfigError|parse config|credentials file/.test(text)) return 'ENGINE_UNSUPPORTED';
  if (/S3ResolveError|resolve host|Failed to connect|SSL connect|Timeout was reached/.test(text))
    return 'S3_UNREACHABLE';
  if (/S3FailedAfterRetry|S3ConnectionError|partial file/.test(text)) return 'S3_UNAVAILABLE';
  return /gpcloud|s3_import/.test(text) ? 'S3_ERROR' : undefined;
}

function codeOfRight(sqlstate: string | undefined, text: string): ErrorCode | undefined {
  if (sqlstate === SQLSTATE.insufficientPrivilege && /external protocol/.test(text))
    return 'DATABASE_PERMISSION_DENIED';
  if (sqlstate === SQLSTATE.undefinedObject && /protocol "s3"/.test(text))
    return 'ENGINE_UNSUPPORTED';
  return undefined;
}

function protocolHint(code: ErrorCode): string {
  return code === 'DATABASE_PERMISSION_DENIED'
    ? 'Have an administrator run: GRANT SELECT ON PROTOCOL s3 TO <this role>;'
    : 'Have an administrator create the protocol s3 in this database (docs/guide/engine-greenplum.md).';
}

/** Without the places in the server's source. */
function sentenceOf(text: string): string {
  const said = /caught an? \w+ exception: ([\s\S]*)/.exec(text)?.[1] ?? text;
  return redact(said.replace(/,? ?Function: [\s\S]*$/, '').trim());
}
