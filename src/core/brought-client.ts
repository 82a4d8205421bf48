/** A client of S3 that the caller brings, as far as its form goes: the AWS SDK itself is known in staging/ alone. */

/** As much of an `S3Client` of the AWS SDK, version 3, as is used. */
export interface S3ClientLike {
  send(...request: never[]): unknown;
  readonly config: object;
}

/** An `S3ClientConfig` of the AWS SDK, version 3. What is left out comes from the settings of the loader. */
export interface S3ClientSettings {
  readonly endpoint?: unknown;
  readonly region?: unknown;
  readonly credentials?: unknown;
  readonly requestHandler?: unknown;
  readonly forcePathStyle?: unknown;
  readonly maxAttempts?: unknown;
  readonly retryStrategy?: unknown;
  readonly useFipsEndpoint?: unknown;
  readonly useDualstackEndpoint?: unknown;
  readonly logger?: unknown;
  readonly extensions?: unknown;
}

export type BroughtS3Client = S3ClientLike | S3ClientSettings;

export function isBroughtClient(value: unknown): value is BroughtS3Client {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A client stays its owner's; of a configuration the loader makes one of its own. */
export function isS3Client(brought: BroughtS3Client): brought is S3ClientLike {
  return typeof (brought as Partial<S3ClientLike>).send === 'function';
}
