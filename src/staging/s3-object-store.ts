import type { S3Settings } from '../core/s3-settings.ts';
import { RelytError } from '../errors.ts';
import { askForStoredBytes, asReadable, readObjectBody } from './object-body.ts';
import type {
  CompleteMultipartRequest,
  CreateMultipartRequest,
  ObjectHead,
  ObjectStore,
  PutObjectRequest,
  ReadOptions,
  StoredObject,
  UnfinishedUpload,
  UploadedPart,
  UploadPartRequest,
} from './object-store.ts';
import { S3Calls } from './s3-calls.ts';
import { IDLE_TIMEOUT_MS } from './s3-client.ts';
import { deleteObjects } from './s3-delete.ts';
import { storedObjects, unfinishedUploads } from './s3-listing.ts';

/** The object store on an S3 server. Makes no connection, and does not load the SDK, before it is used. */
export class S3ObjectStore implements ObjectStore {
  readonly location: string;
  readonly #settings: S3Settings;
  readonly #calls: S3Calls;

  constructor(settings: S3Settings) {
    this.#settings = settings;
    this.#calls = new S3Calls(settings);
    this.location = this.#calls.location;
  }

  async putObject(request: PutObjectRequest): Promise<string | undefined> {
    const { key, chunks, signal } = request;
    const call = { operation: 'PutObject', key, signal };
    const { ETag } = await this.#calls.make(call, ({ sdk, client }, options) => {
      const input = { ...this.#newObject(request), Body: oneBody(chunks) };
      return client.send(new sdk.PutObjectCommand(input), options);
    });
    return ETag;
  }

  async createMultipart(request: CreateMultipartRequest): Promise<string> {
    const { key, signal } = request;
    const call = { operation: 'CreateMultipartUpload', key, signal };
    const { UploadId } = await this.#calls.make(call, ({ sdk, client }, options) =>
      client.send(new sdk.CreateMultipartUploadCommand(this.#newObject(request)), options),
    );
    return this.#calls.given(UploadId, call, 'UploadId');
  }

  async uploadPart(request: UploadPartRequest): Promise<UploadedPart> {
    const { key, uploadId, partNumber, chunks, signal } = request;
    const call = { operation: `UploadPart ${partNumber}`, key, signal };
    const { ETag, ChecksumCRC32 } = await this.#calls.make(call, ({ sdk, client }, options) => {
      const part = { UploadId: uploadId, PartNumber: partNumber, Body: oneBody(chunks) };
      return client.send(new sdk.UploadPartCommand({ ...this.#object(key), ...part }), options);
    });
    const etag = this.#calls.given(ETag, call, 'ETag');
    return ChecksumCRC32 === undefined ? { etag } : { etag, checksumCrc32: ChecksumCRC32 };
  }

  async completeMultipart(request: CompleteMultipartRequest): Promise<string | undefined> {
    const { key, uploadId, signal } = request;
    const Parts = request.parts.map(({ partNumber, etag, checksumCrc32 }) => ({
      PartNumber: partNumber,
      ETag: etag,
      ...(checksumCrc32 === undefined ? {} : { ChecksumCRC32: checksumCrc32 }),
    }));
    const call = { operation: 'CompleteMultipartUpload', key, signal };
    const { ETag } = await this.#calls.make(call, ({ sdk, client }, options) => {
      const input = { ...this.#object(key), UploadId: uploadId, MultipartUpload: { Parts } };
      return client.send(new sdk.CompleteMultipartUploadCommand(input), options);
    });
    return ETag;
  }

  async abortMultipart(key: string, uploadId: string, signal?: AbortSignal): Promise<void> {
    const call = { operation: 'AbortMultipartUpload', key, signal };
    try {
      await this.#calls.make(call, ({ sdk, client }, options) => {
        const input = { ...this.#object(key), UploadId: uploadId };
        return client.send(new sdk.AbortMultipartUploadCommand(input), options);
      });
    } catch (error) {
      if (!(error instanceof RelytError) || error.details.s3Error !== 'NoSuchUpload') throw error;
    }
  }

  listMultipartUploads(prefix: string, signal?: AbortSignal): AsyncGenerator<UnfinishedUpload> {
    return unfinishedUploads(this.#calls, { bucket: this.#settings.bucket, prefix, signal });
  }

  list(prefix: string, signal?: AbortSignal): AsyncGenerator<StoredObject> {
    return storedObjects(this.#calls, { bucket: this.#settings.bucket, prefix, signal });
  }

  async headObject(key: string, signal?: AbortSignal): Promise<ObjectHead | undefined> {
    const call = { operation: 'HeadObject', key, signal };
    try {
      const answer = await this.#calls.repeated(call, ({ sdk, client }, options) =>
        client.send(new sdk.HeadObjectCommand(this.#object(key)), options),
      );
      return { size: answer.ContentLength ?? 0, etag: answer.ETag };
    } catch (error) {
      const name = error instanceof RelytError ? error.details.s3Error : undefined;
      if (name === 'NotFound' || name === 'NoSuchKey' || name === 'HTTP 404') return undefined;
      throw error;
    }
  }

  async readObject(
    key: string,
    { signal, etag }: ReadOptions = {},
  ): Promise<AsyncIterable<Buffer>> {
    const call = { operation: 'GetObject', key, signal };
    const answer = await this.#calls.repeated(call, ({ sdk, downloads }, options) => {
      const condition = etag === undefined ? {} : { IfMatch: etag };
      const command = new sdk.GetObjectCommand({ ...this.#object(key), ...condition });
      askForStoredBytes(command);
      return downloads.send(command, options);
    });
    const body = asReadable(answer.Body);
    // A transfer whose length is not known may end anywhere.
    if (answer.ContentLength === undefined) body.destroy();
    const length = this.#calls.given(answer.ContentLength, call, 'Content-Length');
    const failed = (error: unknown) => this.#calls.error(error, call);
    return readObjectBody(body, { length, signal, silenceMs: IDLE_TIMEOUT_MS, failed });
  }

  async deleteObject(key: string, signal?: AbortSignal): Promise<void> {
    await this.#calls.repeated(
      { operation: 'DeleteObject', key, signal },
      ({ sdk, client }, options) =>
        client.send(new sdk.DeleteObjectCommand(this.#object(key)), options),
    );
  }

  async deleteObjects(keys: readonly string[], signal?: AbortSignal): Promise<void> {
    await deleteObjects(keys, {
      many: (some) => {
        const call = { operation: 'DeleteObjects', key: some[0] ?? '', signal };
        return this.#calls.repeated(call, async ({ sdk, client }, options) => {
          const Delete = { Objects: some.map((Key) => ({ Key })), Quiet: true };
          const input = { Bucket: this.#settings.bucket, Delete };
          return (await client.send(new sdk.DeleteObjectsCommand(input), options)).Errors ?? [];
        });
      },
      one: (key) => this.deleteObject(key, signal),
    });
  }

  async presignGet(key: string, expiresSeconds: number): Promise<string> {
    return await this.#calls.make(
      { operation: 'presigning', key },
      ({ sdk, presigner, client, signing }) => {
        // The SDK corrects the time of its requests once a server told it of a wrong clock, but not of this.
        const signingDate = new Date(Date.now() + (client.config.systemClockOffset ?? 0));
        const command = new sdk.GetObjectCommand(this.#object(key));
        return presigner.getSignedUrl(signing, command, { expiresIn: expiresSeconds, signingDate });
      },
    );
  }

  close(): void {
    this.#calls.close();
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
}

/** Buffers, never a stream: a stream's length and checksum come last, which older S3 servers cannot take. */
function oneBody(chunks: readonly Buffer[]): Buffer {
  const [first] = chunks;
  return first !== undefined && chunks.length === 1 ? first : Buffer.concat(chunks);
}
