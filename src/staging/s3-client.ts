import type { S3Client, S3ClientConfig } from '@aws-sdk/client-s3';
import { type BroughtS3Client, isS3Client, type S3ClientSettings } from '../core/brought-client.ts';
import { regionalEndpoint } from '../core/s3-endpoint.ts';
import type { S3Settings } from '../core/s3-settings.ts';
import { RelytError } from '../errors.ts';
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
  /** Signs URLs for the database. It makes no request. */
  readonly signing: S3Client;
  /** Those that are ours, and end with the connection. */
  readonly made: readonly S3Client[];
  /** Everything that requests were signed with up to now. */
  readonly secrets: ReadonlySet<string>;
  /** Notes what the next request is signed with, where the client is not ours. */
  learnSecrets(): Promise<void>;
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
  const modules = { sdk, presigner };
  return settings.client === undefined
    ? ownConnection(modules, settings)
    : broughtConnection(modules, settings, settings.client);
}

type Modules = Pick<S3Connection, 'sdk' | 'presigner'>;

function ownConnection(modules: Modules, settings: S3Settings): S3Connection {
  const { sdk } = modules;
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
  const downloads = new sdk.S3Client({ ...config, credentials, requestHandler: patient() });
  const learnSecrets = async () => undefined;
  const made = [client, downloads];
  return { ...modules, client, downloads, signing: client, made, secrets, learnSecrets };
}

/**
 * Requests go by the client of the caller. What the database reads does not: its URLs have the endpoint of the
 * settings, and are signed with the keys there, or with those of the client where there are none.
 */
function broughtConnection(
  modules: Modules,
  settings: S3Settings,
  brought: BroughtS3Client,
): S3Connection {
  const { sdk } = modules;
  const config = clientConfig(settings);
  const isTheirs = isS3Client(brought);
  const hasKeys = isTheirs || brought.credentials !== undefined;
  const keys = () => (hasKeys ? keysOf(client) : new sdk.S3Client(config).config.credentials());
  const { credentials, secrets, learn } = credentialSource(settings, keys);
  const ours = { ...config, credentials, requestHandler: patient() };
  // As much of it as is used was checked.
  const client: S3Client = isTheirs
    ? (brought as unknown as S3Client)
    : new sdk.S3Client({ ...ours, ...brought } as S3ClientConfig);
  const signing = new sdk.S3Client({ ...config, credentials });
  return {
    ...modules,
    client,
    downloads: client,
    signing,
    made: isTheirs || hasHandler(brought) ? [signing] : [signing, client],
    secrets,
    learnSecrets: async () => learn(await keysOf(client)),
  };
}

/** @throws RelytError CONFIG_INVALID for a client that does not say what it signs with */
async function keysOf({ config }: S3Client): ReturnType<S3Client['config']['credentials']> {
  if (typeof config.credentials === 'function') return config.credentials();
  throw new RelytError('CONFIG_INVALID', 'The client in s3.client has no credentials.', {
    hint: 'Give an S3Client of @aws-sdk/client-s3 version 3, which finds its credentials itself, or a configuration for one.',
  });
}

/** A request handler that is brought ready-made would end with a client of ours. */
function hasHandler({ requestHandler }: S3ClientSettings): boolean {
  const { handle } = (requestHandler ?? {}) as { readonly handle?: unknown };
  return typeof handle === 'function';
}

function patient() {
  return { ...transport(), requestTimeout: IDLE_TIMEOUT_MS, throwOnRequestTimeout: true };
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
    // The callers decide about retries: they know what a lost answer means.
    maxAttempts: 1,
    // The settings of the database count, whatever AWS_USE_… variables say.
    useFipsEndpoint: false,
    useDualstackEndpoint: false,
  };
}
