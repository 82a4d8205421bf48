import type { S3Field, S3FieldReader } from './s3-field-reader.ts';

/** How requests to S3 are signed. Holds secrets: never log it. */
export type S3Credentials =
  | S3Keys
  | { readonly kind: 'default-chain' }
  | { readonly kind: 'provider'; readonly provide: S3CredentialProvider };

/** Keys as the AWS SDK names them. */
export interface ProvidedS3Keys {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string | undefined;
  /** New ones are asked for before it. */
  readonly expiration?: Date | undefined;
}

export type S3CredentialProvider = () => ProvidedS3Keys | Promise<ProvidedS3Keys>;

interface S3Keys {
  readonly kind: 'keys';
  readonly accessKey: string;
  readonly secretKey: string;
  /** Comes with temporary keys, and ends with them. */
  readonly sessionToken?: string;
}

/** The credentials of this process, found where AWS's own tools find them: environment, profile, role of the machine. */
const DEFAULT_CHAIN: S3Credentials = { kind: 'default-chain' };

/** Both keys or none: half a pair is a mistake, and must not turn into the credentials of another user. */
export function readCredentials(read: S3FieldReader): S3Credentials {
  const accessKey = read.secret('access_key');
  const secretKey = read.secret('secret_key');
  const sessionToken = read.secret('session_token');
  if (accessKey === '' && secretKey === '') {
    if (sessionToken !== '') throw missing('access_key', 'session_token', read);
    return DEFAULT_CHAIN;
  }
  if (accessKey === '') throw missing('access_key', 'secret_key', read);
  if (secretKey === '') throw missing('secret_key', 'access_key', read);
  return { kind: 'keys', accessKey, secretKey, ...(sessionToken === '' ? {} : { sessionToken }) };
}

/** The error to throw. */
function missing(field: S3Field, given: S3Field, read: S3FieldReader) {
  return read.refuse(field, `given as well: ${read.nameOf(given)} is of no use without it`);
}
