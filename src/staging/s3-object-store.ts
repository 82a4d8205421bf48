import type { S3Settings } from '../core/s3-settings.ts';
import { RelytError } from '../errors.ts';
import { askForStoredBytes, asReadable, readObjectBody } from './object-body.ts';
import type {
  CompleteMultipartRequest,
  CreateMultipartRequest,
  ObjectStore,
  PutObjectRequest,
  StoredObject,
  UnfinishedUpload,
  UploadedPart,
  UploadPartRequest,
} from './object-store.ts';
import { LOOKUP_RETRY, withRetries } from './retry.ts';
import { connectS3, IDLE_TIMEOUT_MS, type S3Connection } from './s3-client.ts';
import { deleteObjects } from './s3-delete.ts';
import { s3Error } from './s3-errors.ts';

/** What one call of the SDK is about. */
interface S3Call {
  readonly operation: string;
  readonly key?: string;
  readonly signal?: AbortSignal | undefined;
}

/** Options of one request, in the SDK's words. */
interface SendOptions {
  readonly abortSignal?: AbortSignal;
}

/** The object store on an S3 server. Makes no connection, and does not load the SDK, before it is used. */
export class S3ObjectStore implements ObjectStore {
  readonly location: string;
  readonly #settings: S3Settings;
  #connection: Promise<S3Connection> | undefined;
  #secrets: ReadonlySet<string> = new Set();
  #closed = false;

  constructor(settings: S3Settings) {
    this.#settings = settings;
    this.location = `s3://${settings.bucket} at ${settings.endpoint}`;
  }

  async putObject(request: PutObjectRequest): Promise<void> {
    const { key, chunks, signal } = request;
    await this.#call({ operation: 'PutObject', key, signal }, ({ sdk, client }, options) => {
      const input = { ...this.#newObject(request), Body: oneBody(chunks) };
      return client.send(new sdk.PutObjectCommand(input), options);
    });
  }

  async createMultipart(request: CreateMultipartRequest): Promise<string> {
    const { key, signal } = request;
    const call = { operation: 'CreateMultipartUpload', key, signal };
    const { UploadId } = await this.#call(call, ({ sdk, client }, options) =>
      client.send(new sdk.CreateMultipartUploadCommand(this.#newObject(request)), options),
    );
    return this.#given(UploadId, call, 'UploadId');
  }

  async uploadPart(request: UploadPartRequest): Promise<UploadedPart> {
    const { key, uploadId, partNumber, chunks, signal } = request;
    const call = { operation: `UploadPart ${partNumber}`, key, signal };
    const { ETag, ChecksumCRC32 } = await this.#call(call, ({ sdk, client }, options) => {
      const part = { UploadId: uploadId, PartNumber: partNumber, Body: oneBody(chunks) };
      return client.send(new sdk.UploadPartCommand({ ...this.#object(key), ...part }), options);
    });
    const etag = this.#given(ETag, call, 'ETag');
    return ChecksumCRC32 === undefined ? { etag } : { etag, checksumCrc32: ChecksumCRC32 };
  }

  async completeMultipart(request: CompleteMultipartRequest): Promise<void> {
    const { key, uploadId, signal } = request;
    const Parts = request.parts.map(({ partNumber, etag, checksumCrc32 }) => ({
      PartNumber: partNumber,
      ETag: etag,
      ...(checksumCrc32 === undefined ? {} : { ChecksumCRC32: checksumCrc32 }),
    }));
    const call = { operation: 'CompleteMultipartUpload', key, signal };
    await this.#call(call, ({ sdk, client }, options) => {
      const input = { ...this.#object(key), UploadId: uploadId, MultipartUpload: { Parts } };
      return client.send(new sdk.CompleteMultipartUploadCommand(input), options);
    });
  }

  async abortMultipart(key: string, uploadId: string, signal?: AbortSignal): Promise<void> {
    const call = { operation: 'AbortMultipartUpload', key, signal };
    try {
      await this.#call(call, ({ sdk, client }, options) => {
        const input = { ...this.#object(key), UploadId: uploadId };
        return client.send(new sdk.AbortMultipartUploadCommand(input), options);
      });
    } catch (error) {
      if (!(error instanceof RelytError) || error.details.s3Error !== 'NoSuchUpload') throw error;
    }
  }

  async *listMultipartUploads(
    prefix: string,
    signal?: AbortSignal,
  ): AsyncGenerator<UnfinishedUpload> {
    const call = { operation: 'ListMultipartUploads', key: prefix, signal };
    let page: { KeyMarker?: string; UploadIdMarker?: string } | undefined = {};
    while (page !== undefined) {
      const marker: { KeyMarker?: string; UploadIdMarker?: string } = page;
      const answer = await this.#repeated(call, ({ sdk, client }, options) => {
        const input = { Bucket: this.#settings.bucket, Prefix: prefix, ...marker };
        return client.send(new sdk.ListMultipartUploadsCommand(input), options);
      });
      for (const { Key = '', UploadId = '', Initiated } of answer.Uploads ?? []) {
        yield { key: Key, uploadId: UploadId, initiated: Initiated ?? new Date(0) };
      }
      const { IsTruncated, NextKeyMarker: KeyMarker, NextUploadIdMarker: UploadIdMarker } = answer;
      page =
        IsTruncated && KeyMarker !== undefined
          ? { KeyMarker, ...(UploadIdMarker === undefined ? {} : { UploadIdMarker }) }
          : undefined;
    }
  }

  async *list(prefix: string, signal?: AbortSignal): AsyncGenerator<StoredObject> {
    const call = { operation: 'ListObjectsV2', key: prefix, signal };
    let token: string | undefined;
    do {
      const page = token === undefined ? {} : { ContinuationToken: token };
      const answer = await this.#repeated(call, ({ sdk, client }, options) => {
        const input = { Bucket: this.#settings.bucket, Prefix: prefix, ...page };
        return client.send(new sdk.ListObjectsV2Command(input), options);
      });
      for (const { Key = '', Size = 0, LastModified } of answer.Contents ?? []) {
        yield { key: Key, size: Size, lastModified: LastModified ?? new Date(0) };
      }
      token = answer.IsTruncated ? answer.NextContinuationToken : undefined;
    } while (token !== undefined);
  }

  async headObject(key: string, signal?: AbortSignal): Promise<{ size: number } | undefined> {
    const call = { operation: 'HeadObject', key, signal };
    try {
      const answer = await this.#repeated(call, ({ sdk, client }, options) =>
        client.send(new sdk.HeadObjectCommand(this.#object(key)), options),
      );
      return { size: answer.ContentLength ?? 0 };
    } catch (error) {
      const name = error instanceof RelytError ? error.details.s3Error : undefined;
      if (name === 'NotFound' || name === 'NoSuchKey' || name === 'HTTP 404') return undefined;
      throw error;
    }
  }

  async readObject(key: string, signal?: AbortSignal): Promise<AsyncIterable<Buffer>> {
    const call = { operation: 'GetObject', key, signal };
    const answer = await this.#repeated(call, ({ sdk, downloads }, options) => {
      const command = new sdk.GetObjectCommand(this.#object(key));
      askForStoredBytes(command);
      return downloads.send(command, options);
    });
    const body = asReadable(answer.Body);
    // A transfer whose length is not known may end anywhere.
    if (answer.ContentLength === undefined) body.destroy();
    const length = this.#given(answer.ContentLength, call, 'Content-Length');
    const failed = (error: unknown) => this.#error(error, call);
    return readObjectBody(body, { length, signal, silenceMs: IDLE_TIMEOUT_MS, failed });
  }

  async deleteObject(key: string, signal?: AbortSignal): Promise<void> {
    await this.#repeated({ operation: 'DeleteObject', key, signal }, ({ sdk, client }, options) =>
      client.send(new sdk.DeleteObjectCommand(this.#object(key)), options),
    );
  }

  async deleteObjects(keys: readonly string[], signal?: AbortSignal): Promise<void> {
    await deleteObjects(keys, {
      many: (some) => {
        const call = { operation: 'DeleteObjects', key: some[0] ?? '', signal };
        return this.#repeated(call, async ({ sdk, client }, options) => {
          const Delete = { Objects: some.map((Key) => ({ Key })), Quiet: true };
          const input = { Bucket: this.#settings.bucket, Delete };
          return (await client.send(new sdk.DeleteObjectsCommand(input), options)).Errors ?? [];
        });
      },
      one: (key) => this.deleteObject(key, signal),
    });
  }

  async presignGet(key: string, expiresSeconds: number): Promise<string> {
    return await this.#call({ operation: 'presigning', key }, ({ sdk, presigner, client }) => {
      // The SDK corrects the time of its requests once a server told it of a wrong clock, but not of this.
      const signingDate = new Date(Date.now() + client.config.systemClockOffset);
      const command = new sdk.GetObjectCommand(this.#object(key));
      return presigner.getSignedUrl(client, command, { expiresIn: expiresSeconds, signingDate });
    });
  }

  close(): void {
    this.#closed = true;
    this.#connection?.then(
      ({ client, downloads }) => {
        client.destroy();
        downloads.destroy();
      },
      () => {}, // the SDK could not be loaded, which every call has reported
    );
  }

  #object(key: string): { Bucket: string; Key: string } {
    return { Bucket: this.#settings.bucket, Key: key };
  }

  /** What is decided when an object is made, all at once or in parts; the parts themselves must not say it again. */
  #newObject({ key, contentEncoding }: CreateMultipartRequest) {
    const { encryption } = this.#settings;
    const kmsKeyId = encryption?.kmsKeyId;
    return {
      ...this.#object(key),
      ...(contentEncoding === undefined ? {} : { ContentEncoding: contentEncoding }),
      ...(encryption === undefined ? {} : { ServerSideEncryption: encryption.algorithm }),
      ...(kmsKeyId === undefined ? {} : { SSEKMSKeyId: kmsKeyId }),
    };
  }

  /** For operations that can be repeated without thinking: they change nothing, or the second time nothing. */
  async #repeated<T>(call: S3Call, run: Run<T>): Promise<T> {
    return await withRetries(() => this.#call(call, run), LOOKUP_RETRY, call.signal);
  }

  async #call<T>(call: S3Call, run: Run<T>): Promise<T> {
    try {
      return await this.#send(call, run);
    } catch (error) {
      // The refusal told the SDK the server's time, and nothing was done: once more, with the clock corrected.
      if (!(error instanceof RelytError) || error.code !== 'S3_CLOCK_SKEW') throw error;
      return await this.#send(call, run);
    }
  }

  async #send<T>(call: S3Call, run: Run<T>): Promise<T> {
    const { signal } = call;
    try {
      if (this.#closed) throw new RelytError('CLOSED', `${this.location} was closed`);
      this.#connection ??= connectS3(this.#settings);
      const connection = await this.#connection;
      this.#secrets = connection.secrets;
      return await run(connection, signal === undefined ? {} : { abortSignal: signal });
    } catch (error) {
      throw this.#error(error, call);
    }
  }

  #error(error: unknown, { operation, key, signal }: S3Call): RelytError {
    return s3Error(error, {
      operation,
      location: this.location,
      secrets: this.#secrets,
      ...(key === undefined ? {} : { key }),
      ...(signal === undefined ? {} : { signal }),
    });
  }

  #given<T>(value: T | undefined, call: S3Call, field: string): T {
    if (value !== undefined && value !== '') return value;
    const message = `S3 ${call.operation} of "${call.key}" in ${this.location} answered without ${field}`;
    throw new RelytError('S3_ERROR', message, { hint: 'Is the endpoint an S3 server?' });
  }
}

type Run<T> = (connection: S3Connection, options: SendOptions) => Promise<T>;

/** Buffers, never a stream: a stream's length and checksum come last, which older S3 servers cannot take. */
function oneBody(chunks: readonly Buffer[]): Buffer {
  const [first] = chunks;
  return first !== undefined && chunks.length === 1 ? first : Buffer.concat(chunks);
}
