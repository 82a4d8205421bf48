import type { S3Client, S3ClientConfig } from '@aws-sdk/client-s3';
import { regionalEndpoint, type S3Settings } from '../core/s3-settings.ts';

type ClientModule = typeof import('@aws-sdk/client-s3');
type PresignerModule = typeof import('@aws-sdk/s3-request-presigner');

/** The SDK, loaded, with a client for one endpoint. */
export interface S3Connection {
  readonly sdk: ClientModule;
  readonly presigner: PresignerModule;
  readonly client: S3Client;
}

const CONNECT_TIMEOUT_MS = 10_000;
const IDLE_TIMEOUT_MS = 60_000;

/** Loads the SDK only now: it costs a third of a second, and not every command talks to S3. */
export async function connectS3(settings: S3Settings): Promise<S3Connection> {
  const [sdk, presigner] = await Promise.all([
    import('@aws-sdk/client-s3'),
    import('@aws-sdk/s3-request-presigner'),
  ]);
  return { sdk, presigner, client: new sdk.S3Client(clientConfig(settings)) };
}

function clientConfig(settings: S3Settings): S3ClientConfig {
  const { accessKey, secretKey, sessionToken } = settings;
  // The SDK counts the wait for a free socket as time to connect, so sockets must not run out. How many
  // requests there are at a time is decided by the uploads, not here.
  const agent = { keepAlive: true, maxSockets: Number.POSITIVE_INFINITY };
  return {
    endpoint: regionalEndpoint(settings),
    region: settings.region,
    forcePathStyle: settings.forcePathStyle,
    credentials: {
      accessKeyId: accessKey,
      secretAccessKey: secretKey,
      ...(sessionToken === undefined ? {} : { sessionToken }),
    },
    // Older S3 servers store the framing of trailing checksums as data, or refuse them.
    requestChecksumCalculation: settings.isAws ? 'WHEN_SUPPORTED' : 'WHEN_REQUIRED',
    // Nothing is downloaded with the SDK, and the other value would add a query parameter to presigned URLs.
    responseChecksumValidation: 'WHEN_REQUIRED',
    // Repeating is decided by the callers, who know what a lost answer means.
    maxAttempts: 1,
    // The settings of the database count, whatever AWS_USE_… variables say.
    useFipsEndpoint: false,
    useDualstackEndpoint: false,
    requestHandler: {
      connectionTimeout: CONNECT_TIMEOUT_MS,
      socketTimeout: IDLE_TIMEOUT_MS,
      httpAgent: agent,
      httpsAgent: agent,
    },
  };
}
