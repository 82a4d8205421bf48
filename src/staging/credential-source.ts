import type { S3Client } from '@aws-sdk/client-s3';
import { keepSecret } from '../core/redaction.ts';
import type { ProvidedS3Keys, S3Credentials } from '../core/s3-credentials.ts';
import type { S3Settings } from '../core/s3-settings.ts';
import { RelytError } from '../errors.ts';

type Credentials = Awaited<ReturnType<S3Client['config']['credentials']>>;

export interface CredentialSource {
  readonly credentials: () => Promise<Credentials>;
  /** What was given out so far, and must not appear in an error. It grows when temporary keys are renewed. */
  readonly secrets: ReadonlySet<string>;
  /** The same for what something else was signed with. */
  readonly learn: (keys: Credentials) => void;
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
  const learn = ({ accessKeyId, secretAccessKey, sessionToken }: Credentials) => {
    for (const secret of [secretAccessKey, sessionToken, accessKeyId]) {
      if (secret) secrets.add(secret);
    }
    keepSecret(secretAccessKey, sessionToken);
  };
  const credentials = async () => {
    const found = await foundKeys(given, defaultChain);
    learn(found);
    return found;
  };
  return { credentials, secrets, learn };
}

async function foundKeys(
  given: S3Credentials,
  defaultChain: () => Promise<Credentials>,
): Promise<Credentials> {
  if (given.kind === 'default-chain') return defaultChain();
  if (given.kind === 'provider') return provided(await given.provide());
  const { accessKey: accessKeyId, secretKey: secretAccessKey, sessionToken } = given;
  return { accessKeyId, secretAccessKey, ...(sessionToken !== undefined && { sessionToken }) };
}

/** @throws RelytError CONFIG_INVALID, which quotes nothing: it may be half a pair of keys */
function provided(keys: ProvidedS3Keys | undefined): Credentials {
  const { accessKeyId, secretAccessKey, sessionToken, expiration } = keys ?? {};
  if (isText(accessKeyId) && isText(secretAccessKey)) {
    return {
      accessKeyId,
      secretAccessKey,
      ...(sessionToken !== undefined && { sessionToken }),
      ...(expiration !== undefined && { expiration }),
    };
  }
  throw new RelytError(
    'CONFIG_INVALID',
    's3.credentials returned no accessKeyId and secretAccessKey.',
    {
      hint: 'Have the function return both as strings, with a sessionToken if there is one.',
    },
  );
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}
