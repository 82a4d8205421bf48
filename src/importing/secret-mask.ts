import type { S3Settings } from '../core/s3-settings.ts';
import { redact } from '../database/database-error.ts';

/** What stands in the place of a secret. */
const MASK = '…';

/** The secrets that S3 settings hold, the access key among them. */
export function secretsOf({ credentials }: Pick<S3Settings, 'credentials'>): readonly string[] {
  if (credentials.kind !== 'keys') return [];
  const { accessKey, secretKey, sessionToken = '' } = credentials;
  return [secretKey, sessionToken, accessKey].filter((secret) => secret !== '');
}

/**
 * Makes text fit to be shown: the secrets go wherever they stand, and so do the forms that secrets have, the query
 * strings of presigned URLs among them (G7). A secret may be part of another one, so the longest goes first.
 */
export function secretMask(secrets: readonly string[]): (text: string) => string {
  const known = secrets.flatMap(spellings).sort((a, b) => b.length - a.length);
  return (text) => redact(known.reduce((shown, secret) => shown.replaceAll(secret, MASK), text));
}

/** As it is, in a URL, in CSV, in an SQL literal. */
function spellings(secret: string): string[] {
  const escaped = secret.replaceAll('\\', '\\\\');
  return [
    secret,
    encodeURIComponent(secret),
    secret.replaceAll('"', '""'),
    secret.replaceAll("'", "''"),
    escaped.replaceAll("'", "''"),
    escaped.replaceAll('"', '\\"'),
  ];
}
