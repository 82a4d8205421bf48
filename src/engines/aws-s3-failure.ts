import { hideSecrets, redact } from '../core/redaction.ts';
import { sentence } from '../core/sentence.ts';
import { classOf, isDataError, SQLSTATE, SQLSTATE_CLASS } from '../core/sqlstate.ts';
import { failureCode } from '../database/database-error.ts';
import { type ErrorCode, RelytError } from '../errors.ts';

/** What was imported when it failed, and what must not be repeated about it. */
export interface AwsS3Import {
  readonly key: string;
  readonly secrets: readonly string[];
}

interface Meaning {
  readonly code: ErrorCode;
  readonly hint?: string;
}

export const INSTALL_HINT =
  'Have a member of rds_superuser run: CREATE EXTENSION aws_s3 CASCADE; — then let the loading role use it (docs/guide/engine-aws-s3.md).';

/** @param role quoted, as SQL takes it */
export function grantHint(role: string): string {
  return `Have a member of rds_superuser run: GRANT USAGE ON SCHEMA aws_s3, aws_commons TO ${role}; GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA aws_s3, aws_commons TO ${role};`;
}

const NO_ROLE: Meaning = {
  code: 'S3_AUTH_FAILED',
  hint: 'Attach an IAM role with s3:GetObject and s3:ListBucket to the instance or cluster for the feature s3Import, or give keys in LOADER_CONFIG.',
};

const WRONG_REGION: Meaning = {
  code: 'S3_AUTH_FAILED',
  hint: 'Check that `region` in LOADER_CONFIG is the region of the bucket.',
};

const UNREACHABLE: Meaning = {
  code: 'S3_UNREACHABLE',
  hint: 'Make sure that the database itself reaches S3: through a gateway endpoint for S3 in its VPC, or NAT, with outbound port 443 open in its security group.',
};

const LOST: Meaning = { code: 'STAGED_FILE_LOST' };

/** What S3 answered the database. Temporary answers (408, 429, 5xx) are not listed. */
const BY_STATUS: Readonly<Record<string, Meaning>> = {
  301: WRONG_REGION,
  307: WRONG_REGION,
  400: {
    code: 'S3_AUTH_FAILED',
    hint: 'Check `region` and the keys in LOADER_CONFIG; temporary keys may have expired.',
  },
  401: { code: 'S3_AUTH_FAILED' },
  403: {
    code: 'S3_ACCESS_DENIED',
    hint: 'Allow s3:GetObject on the prefix and s3:ListBucket on the bucket to the IAM role of the database, or to the owner of the keys in LOADER_CONFIG; S3 also answers 403 to a wrong secret key, and for KMS without kms:Decrypt.',
  },
  404: LOST,
  // No first byte: the object is empty, and no staged file is.
  416: LOST,
};

/**
 * What a failed call of `aws_s3.table_import_from_s3` means; undefined when it was not about S3, as with data that
 * the columns refuse. The extension documents no SQLSTATE, and the one it uses for answers of S3 says "connection
 * lost": so it goes by the text. No cause is attached: what may be tried again is decided by the code alone.
 */
export function awsS3Failure(
  error: unknown,
  { key, secrets }: AwsS3Import,
): RelytError | undefined {
  const sqlstate = failureCode(error);
  if (!(error instanceof Error) || sqlstate === undefined) return undefined;
  const status = /\bHTTP (\d{3})\b/.exec(error.message)?.[1];
  const meaning = isDataError(sqlstate) ? undefined : meaningOf(sqlstate, error.message, status);
  if (meaning === undefined) return undefined;
  const said = shownText(error.message, secrets);
  return new RelytError(
    meaning.code,
    sentence(`The database could not import ${key} from S3: ${said}`),
    {
      details: status === undefined ? {} : { s3Error: `HTTP ${status}` },
      ...(meaning.hint === undefined ? {} : { hint: meaning.hint }),
    },
  );
}

/** The extension, its schema or one of its functions is not there. */
const ABSENT: ReadonlySet<string> = new Set([
  SQLSTATE.undefinedFunction,
  SQLSTATE.invalidSchemaName,
  SQLSTATE.undefinedObject,
]);

function meaningOf(sqlstate: string, text: string, status: string | undefined) {
  if (status !== undefined) return BY_STATUS[status] ?? ofOtherStatus(Number(status));
  if (/^credentials stored with the database|s3Import/i.test(text)) return NO_ROLE;
  if (ABSENT.has(sqlstate) && isAboutExtension(text)) {
    return { code: 'ENGINE_UNSUPPORTED', hint: INSTALL_HINT } as const;
  }
  if (sqlstate === SQLSTATE.insufficientPrivilege && isAboutExtension(text)) {
    return { code: 'DATABASE_PERMISSION_DENIED', hint: grantHint('<this role>') } as const;
  }
  // The server is there, it has just answered: what it cannot reach is S3.
  return classOf(sqlstate) === SQLSTATE_CLASS.connectionException ? UNREACHABLE : undefined;
}

function ofOtherStatus(status: number): Meaning {
  const passes = status === 408 || status === 429 || status >= 500;
  return { code: passes ? 'S3_UNAVAILABLE' : 'S3_ERROR' };
}

function isAboutExtension(text: string): boolean {
  return /aws_s3|aws_commons|table_import_from_s3|create_s3_uri|create_aws_credentials/.test(text);
}

function shownText(text: string, secrets: readonly string[]): string {
  const clean = redact(hideSecrets(text, secrets));
  return clean.replace(/ ?Check your arguments and try again\.?/, '').trim();
}
