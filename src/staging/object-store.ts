/**
 * What the loader needs of an object store, in its own words. `S3ObjectStore` is the real one; the same
 * conformance suite runs against it and against the fake of the tests.
 *
 * Every operation rejects with a RelytError of an S3_… code, or ABORTED when its signal fired. Operations that
 * list, look or delete repeat themselves on a transient failure, a few times, and so does the opening of an object
 * to read. Those that write try once: only the upload that called them knows what a lost answer means.
 */
export interface ObjectStore {
  /** The bucket and where it is, for messages: `s3://bucket at https://…`. */
  readonly location: string;

  /**
   * Stores one object, replacing one of the same key, and returns its ETag if the store tells it. The chunks must not change until it
   * settles.
   */
  putObject(request: PutObjectRequest): Promise<string | undefined>;

  /** Starts a multipart upload and returns its id. */
  createMultipart(request: CreateMultipartRequest): Promise<string>;
  /** The chunks must not change until it settles. A part sent again replaces the earlier one. */
  uploadPart(request: UploadPartRequest): Promise<UploadedPart>;
  /** Makes the object and returns its ETag, as `putObject` does. A second call fails with `details.s3Error` NoSuchUpload. */
  completeMultipart(request: CompleteMultipartRequest): Promise<string | undefined>;
  /** Drops the upload and its parts; no error when it no longer exists. */
  abortMultipart(key: string, uploadId: string, signal?: AbortSignal): Promise<void>;
  /** Unfinished uploads whose key begins with `prefix`. */
  listMultipartUploads(prefix: string, signal?: AbortSignal): AsyncIterable<UnfinishedUpload>;

  /** Objects whose key begins with `prefix`, in the order of their keys' UTF-8 bytes. */
  list(prefix: string, signal?: AbortSignal): AsyncIterable<StoredObject>;
  /** `undefined` when there is no such object. */
  headObject(key: string, signal?: AbortSignal): Promise<ObjectHead | undefined>;
  /**
   * The object's bytes as they are stored, not decompressed. When the transfer breaks off, the iteration throws: it
   * never ends early. Iterate it, to the end or not, or fire the signal: until then it holds a connection.
   * Fails with `details.s3Error` NoSuchKey when there is no such object, with PreconditionFailed when it has another
   * ETag than the one asked for.
   */
  readObject(key: string, options?: ReadOptions): Promise<AsyncIterable<Buffer>>;
  /** No error when it does not exist. */
  deleteObject(key: string, signal?: AbortSignal): Promise<void>;
  /** Deletes any number of objects; those that do not exist do not cause an error. */
  deleteObjects(keys: readonly string[], signal?: AbortSignal): Promise<void>;

  /** A URL that reads the object without credentials, for at most `expiresSeconds` (1 to 604800). A secret: never log it. */
  presignGet(key: string, expiresSeconds: number): Promise<string>;

  /** Closes the connections. */
  close(): void;
}

interface WriteRequest {
  readonly key: string;
  readonly signal?: AbortSignal;
}

export interface PutObjectRequest extends WriteRequest {
  readonly chunks: readonly Buffer[];
  readonly contentEncoding?: 'gzip';
}

export interface CreateMultipartRequest extends WriteRequest {
  readonly contentEncoding?: 'gzip';
}

export interface UploadPartRequest extends WriteRequest {
  readonly uploadId: string;
  /** 1 to 10,000. */
  readonly partNumber: number;
  /** At least 5 MiB together, unless it is the last part. */
  readonly chunks: readonly Buffer[];
}

export interface CompleteMultipartRequest extends WriteRequest {
  readonly uploadId: string;
  /** By ascending part number. */
  readonly parts: readonly NumberedPart[];
}

export interface UploadedPart {
  readonly etag: string;
  /** Where the store was told a checksum, it wants to see it again when the upload is completed. */
  readonly checksumCrc32?: string;
}

export interface NumberedPart extends UploadedPart {
  readonly partNumber: number;
}

export interface ObjectHead {
  readonly size: number;
  /** As the store writes it, with its quotes; undefined where it gives none. */
  readonly etag?: string | undefined;
}

export interface ReadOptions {
  readonly signal?: AbortSignal;
  /** Only the object with this ETag is read. */
  readonly etag?: string | undefined;
}

export interface StoredObject extends ObjectHead {
  readonly key: string;
  readonly lastModified: Date;
}

export interface UnfinishedUpload {
  readonly key: string;
  readonly uploadId: string;
  readonly initiated: Date;
}
