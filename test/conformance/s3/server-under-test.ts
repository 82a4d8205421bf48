import { randomBytes } from 'node:crypto';
import {
  AbortMultipartUploadCommand,
  CreateBucketCommand,
  DeleteBucketCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  ListMultipartUploadsCommand,
  paginateListObjectsV2,
  S3Client,
  type S3ClientConfig,
} from '@aws-sdk/client-s3';

/** Where servers are known to differ from AWS. A difference that is not listed here is a failure. */
export interface ServerFeatures {
  /** Verifies additional checksums (x-amz-checksum-…) and accepts them in trailers. */
  readonly checksums: boolean;
  /** Stores x-amz-meta-… values with characters outside ASCII. */
  readonly nonAsciiMetadata: boolean;
  /** Error bodies say in words what is wrong. */
  readonly errorMessages: boolean;
  /** An ETag is the MD5 of the bytes, or of the MD5s of the parts, as on AWS without encryption by KMS. */
  readonly etagIsMd5: boolean;
  /** CompleteMultipartUpload answers with the ETag of the object. */
  readonly completeTellsEtag: boolean;
  /** CompleteMultipartUpload may name some of the parts only. */
  readonly partsMayBeLeftOut: boolean;
  readonly refusesPartsOutOfOrder: boolean;
  /** How completing an aborted upload ends. */
  readonly completeAfterAbort: string;
  /** Refuses a presigned request that carries an x-amz-… header it does not sign. */
  readonly refusesUnsignedHeaders: boolean;
  /** Refuses a presigned URL before the time it was signed for. */
  readonly refusesEarlyUrls: boolean;
  /** Refuses signatures made for another service than s3. */
  readonly verifiesService: boolean;
}

/** A server that does what AWS documents. */
export const AS_DOCUMENTED: ServerFeatures = {
  checksums: true,
  nonAsciiMetadata: true,
  errorMessages: true,
  etagIsMd5: true,
  completeTellsEtag: true,
  partsMayBeLeftOut: true,
  refusesPartsOutOfOrder: true,
  completeAfterAbort: '404 NoSuchUpload',
  refusesUnsignedHeaders: true,
  refusesEarlyUrls: true,
  verifiesService: true,
};

export interface S3Account {
  readonly endpoint: string;
  readonly accessKey: string;
  readonly secretKey: string;
  readonly region: string;
}

export interface S3Connection extends S3Account {
  readonly features: ServerFeatures;
}

/** One server, one bucket of its own, and the client the SDK gives its users by default. */
export class ServerUnderTest {
  readonly connection: S3Connection;
  readonly bucket = `conformance-${randomBytes(6).toString('hex')}`;
  readonly client: S3Client;
  /** Computes checksums only where S3 demands them: what clients of older servers set. */
  readonly plainClient: S3Client;
  readonly #clients: S3Client[] = [];

  constructor(connection: S3Connection) {
    this.connection = connection;
    this.client = this.clientWith({});
    this.plainClient = this.clientWith({
      requestChecksumCalculation: 'WHEN_REQUIRED',
      responseChecksumValidation: 'WHEN_REQUIRED',
    });
  }

  clientWith(changes: S3ClientConfig): S3Client {
    const { endpoint, region, accessKey, secretKey } = this.connection;
    const client = new S3Client({
      endpoint,
      region,
      forcePathStyle: true,
      maxAttempts: 1,
      credentials: { accessKeyId: accessKey, secretAccessKey: secretKey },
      ...changes,
    });
    this.#clients.push(client);
    return client;
  }

  async open(): Promise<void> {
    await this.client.send(new CreateBucketCommand({ Bucket: this.bucket }));
  }

  async read(key: string): Promise<Buffer> {
    const got = await this.client.send(new GetObjectCommand({ Bucket: this.bucket, Key: key }));
    return Buffer.from((await got.Body?.transformToByteArray()) ?? []);
  }

  async keys(prefix = ''): Promise<string[]> {
    const keys: string[] = [];
    const pages = paginateListObjectsV2(
      { client: this.client },
      { Bucket: this.bucket, Prefix: prefix },
    );
    for await (const page of pages) for (const { Key } of page.Contents ?? []) keys.push(Key ?? '');
    return keys;
  }

  /** Removes the bucket and all that is in it, unfinished uploads included. */
  async close(): Promise<void> {
    const Bucket = this.bucket;
    const listed = await this.client.send(new ListMultipartUploadsCommand({ Bucket }));
    for (const { Key, UploadId } of listed.Uploads ?? []) {
      await this.client.send(new AbortMultipartUploadCommand({ Bucket, Key, UploadId }));
    }
    const keys = await this.keys();
    while (keys.length > 0) {
      const some = keys.splice(0, 32);
      await Promise.all(
        some.map((Key) => this.client.send(new DeleteObjectCommand({ Bucket, Key }))),
      );
    }
    await this.client.send(new DeleteBucketCommand({ Bucket }));
    for (const client of this.#clients) client.destroy();
  }
}

/** How a request to a server ended: 'ok', or the name and HTTP status of its error. */
export async function outcome(request: Promise<unknown>): Promise<string> {
  try {
    await request;
    return 'ok';
  } catch (error) {
    const { name, $metadata } = error as { name: string; $metadata?: { httpStatusCode?: number } };
    return `${$metadata?.httpStatusCode ?? 'no answer'} ${name}`;
  }
}
