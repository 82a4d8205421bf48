import { hideSecrets, redact } from './redaction.ts';
import type { S3Settings } from './s3-settings.ts';

/** The secrets that S3 settings hold, the access key among them. */
export function secretsOf({ credentials }: Pick<S3Settings, 'credentials'>): readonly string[] {
  if (credentials.kind !== 'keys') return [];
  const { accessKey, secretKey, sessionToken = '' } = credentials;
  return [secretKey, sessionToken, accessKey].filter((secret) => secret !== '');
}

/**
 * Makes text fit to be shown: the secrets go wherever they are, and so do the forms that secrets have, the query
 * strings of presigned URLs among them (G7). A secret may be part of another one, so the longest goes first.
 */
export function secretMask(secrets: readonly string[]): (text: string) => string {
  return (text) => redact(hideSecrets(text, secrets));
}
