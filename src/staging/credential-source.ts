import type { S3Client } from '@aws-sdk/client-s3';
import { keepSecret } from '../core/redaction.ts';
import type { S3Settings } from '../core/s3-settings.ts';

type Credentials = Awaited<ReturnType<S3Client['config']['credentials']>>;

export interface CredentialSource {
  readonly credentials: () => Promise<Credentials>;
  /** What was given out so far, and must not appear in an error. It grows when temporary keys are renewed. */
  readonly secrets: ReadonlySet<string>;
}

/**
 * Where a client's credentials come from.
 *
 * @param defaultChain Finds those of this process, as AWS's own tools do, and renews them when they are to expire.
 */
export function credentialSource(
  { credentials: given }: S3Settings,
  defaultChain: () => Promise<Credentials>,
): CredentialSource {
  const secrets = new Set<string>();
  const credentials = async () => {
    const found =
      given.kind === 'default-chain'
        ? await defaultChain()
        : {
            accessKeyId: given.accessKey,
            secretAccessKey: given.secretKey,
            ...(given.sessionToken === undefined ? {} : { sessionToken: given.sessionToken }),
          };
    const { accessKeyId, secretAccessKey, sessionToken } = found;
    for (const secret of [secretAccessKey, sessionToken, accessKeyId]) {
      if (secret) secrets.add(secret);
    }
    keepSecret(secretAccessKey, sessionToken);
    return found;
  };
  return { credentials, secrets };
}
