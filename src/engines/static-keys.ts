import type { S3Settings } from '../core/s3-settings.ts';
import { RelytError } from '../errors.ts';

export interface StaticKeys {
  readonly accessKey: string;
  readonly secretKey: string;
}

/** Temporary credentials expire while segments still read, and their s3 protocol takes none from a statement. */
export function refuseSessionToken(s3: S3Settings, databases: string): void {
  if (s3.credentials.kind !== 'keys' || s3.credentials.sessionToken === undefined) return;
  throw new RelytError(
    'ENGINE_UNSUPPORTED',
    `${databases} cannot read S3 with a session token: its segments take only an access key and a secret.`,
    { hint: 'Give static keys of an IAM user in LOADER_CONFIG, without session_token.' },
  );
}

/** Keys that can be in a LOCATION, which is cut at spaces. @throws RelytError ENGINE_UNSUPPORTED */
export function staticKeys(s3: S3Settings, databases: string): StaticKeys {
  refuseSessionToken(s3, databases);
  if (s3.credentials.kind !== 'keys') {
    throw new RelytError(
      'ENGINE_UNSUPPORTED',
      `${databases} takes the S3 keys in a LOCATION, and LOADER_CONFIG gives none: the AWS credentials of this process are not passed on.`,
      { hint: 'Give static keys in LOADER_CONFIG (access_key and secret_key).' },
    );
  }
  const { accessKey, secretKey } = s3.credentials;
  if (/^[\x21-\x7e]+$/.test(accessKey) && /^[\x21-\x7e]+$/.test(secretKey))
    return { accessKey, secretKey };
  throw new RelytError(
    'ENGINE_UNSUPPORTED',
    `${databases} takes the S3 keys in a LOCATION, where they cannot be empty, or contain spaces or non-ASCII characters.`,
    { hint: 'Give static keys in LOADER_CONFIG (access_key and secret_key).' },
  );
}
