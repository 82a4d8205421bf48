import type { S3Client, S3ClientConfig } from '@aws-sdk/client-s3';
import { regionalEndpoint } from '../core/s3-endpoint.ts';
import type { S3Settings } from '../core/s3-settings.ts';
import { credentialSource } from './credential-source.ts';

type ClientModule = typeof import('@aws-sdk/client-s3');
type PresignerModule = typeof import('@aws-sdk/s3-request-presigner');

/** The SDK, loaded, with a client for one endpoint. */
export interface S3Connection {
  readonly sdk: ClientModule;
  readonly presigner: PresignerModule;
  readonly client: S3Client;
  /** For reading objects: it leaves it to the reader to notice that nothing comes any more. */
  readonly downloads: S3Client;
  /** Everything that requests were signed with up to now. */
  readonly secrets: ReadonlySet<string>;
}

const CONNECT_TIMEOUT_MS = 10_000;
/** Longest silence of the server. */
export const IDLE_TIMEOUT_MS = 60_000;

/** Loads the SDK only now: it costs a third of a second, and not every command talks to S3. */
export async function connectS3(settings: S3Settings): Promise<S3Connection> {
  const [sdk, presigner] = await Promise.all([
    import('@aws-sdk/client-s3'),
    import('@aws-sdk/s3-request-presigner'),
  ]);
  const config = clientConfig(settings);
  // A client that is given no credentials has the default chain.
  const defaultChain = () => new sdk.S3Client(config).config.credentials();
  const { credentials, secrets } = credentialSource(settings, defaultChain);
  const client = new sdk.S3Client({
    ...config,
    credentials,
    requestHandler: { ...transport(), socketTimeout: IDLE_TIMEOUT_MS },
  });
  // A socket timer would also fire while a slow reader leaves the bytes waiting.
  const downloads = new sdk.S3Client({
    ...config,
    credentials,
    requestHandler: {
      ...transport(),
      requestTimeout: IDLE_TIMEOUT_MS,
      throwOnRequestTimeout: true,
    },
  });
  return { sdk, presigner, client, downloads, secrets };
}

function transport() {
  // The SDK counts the wait for a free socket as time to connect, so sockets must not run out. How many
  // requests there are at a time is decided by the callers, not here.
  const agent = { keepAlive: true, maxSockets: Number.POSITIVE_INFINITY };
  return { connectionTimeout: CONNECT_TIMEOUT_MS, httpAgent: agent, httpsAgent: agent };
}

function clientConfig(settings: S3Settings): S3ClientConfig {
  return {
    endpoint: regionalEndpoint(settings),
    region: settings.region,
    forcePathStyle: settings.forcePathStyle,
    // Older S3 servers store the framing of trailing checksums as data, or refuse them.
    requestChecksumCalculation: settings.isAws ? 'WHEN_SUPPORTED' : 'WHEN_REQUIRED',
    // The other value would add a query parameter to presigned URLs.
    responseChecksumValidation: 'WHEN_REQUIRED',
    // Repeating is decided by the callers, who know what a lost answer means.
    maxAttempts: 1,
    // The settings of the database count, whatever AWS_USE_… variables say.
    useFipsEndpoint: false,
    useDualstackEndpoint: false,
  };
}
