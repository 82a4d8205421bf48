import { createHash, randomUUID } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { RelytError } from '../../src/errors.ts';
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
} from '../../src/staging/object-store.ts';
import { type Fault, StoreFaults, type StoreOperation } from './store-faults.ts';

interface HeldObject {
  readonly body: Buffer;
  readonly etag: string;
  readonly contentEncoding: 'gzip' | undefined;
  readonly lastModified: Date;
}

interface HeldUpload {
  readonly key: string;
  readonly contentEncoding: 'gzip' | undefined;
  readonly initiated: Date;
  readonly parts: Map<number, { etag: string; body: Buffer }>;
}

/**
 * An object store in memory that keeps S3's rules, with faults on demand. It reads the bytes of a request late, at
 * the end of it, as a slow network would: a buffer that is used again too early shows as a corrupt object.
 */
export class MemoryObjectStore implements ObjectStore {
  readonly location = 'memory://test';
  readonly faults = new StoreFaults();
  readonly objects = new Map<string, HeldObject>();
  readonly uploads = new Map<string, HeldUpload>();
  /** Every operation that arrived, in order. */
  readonly calls: StoreOperation[] = [];
  /** Turns of the event loop each write takes. */
  readonly #latencyTurns: number;
  readonly #minPartBytes: number;
  /** Most part uploads that were under way at the same time. */
  maxPartsInFlight = 0;
  #partsInFlight = 0;

  constructor(options: { minPartBytes?: number; latencyTurns?: number } = {}) {
    this.#minPartBytes = options.minPartBytes ?? 5 * 1024 * 1024;
    this.#latencyTurns = options.latencyTurns ?? 1;
  }

  async putObject({ key, chunks, contentEncoding, signal }: PutObjectRequest): Promise<string> {
    return await this.#serve('putObject', signal, () => {
      const body = Buffer.concat(chunks);
      const etag = etagOf(body);
      this.objects.set(key, { body, etag, contentEncoding, lastModified: new Date() });
      return etag;
    });
  }

  async createMultipart(request: CreateMultipartRequest): Promise<string> {
    const { key, contentEncoding, signal } = request;
    return await this.#serve('createMultipart', signal, () => {
      const uploadId = randomUUID();
      const upload = { key, contentEncoding, initiated: new Date(), parts: new Map() };
      this.uploads.set(uploadId, upload);
      return uploadId;
    });
  }

  async uploadPart(request: UploadPartRequest): Promise<UploadedPart> {
    const { key, uploadId, partNumber, chunks, signal } = request;
    this.#partsInFlight++;
    this.maxPartsInFlight = Math.max(this.maxPartsInFlight, this.#partsInFlight);
    try {
      return await this.#serve('uploadPart', signal, () => {
        const etag = `"${randomUUID()}"`;
        this.#upload(key, uploadId).parts.set(partNumber, { etag, body: Buffer.concat(chunks) });
        return { etag };
      });
    } finally {
      this.#partsInFlight--;
    }
  }

  async completeMultipart(request: CompleteMultipartRequest): Promise<string> {
    const { key, uploadId, parts, signal } = request;
    return await this.#serve('completeMultipart', signal, () => {
      const upload = this.#upload(key, uploadId);
      const bodies = parts.map(({ partNumber, etag }, index) => {
        const part = upload.parts.get(partNumber);
        if (part?.etag !== etag) throw s3Fault('S3_ERROR', 'InvalidPart');
        const small = part.body.length < this.#minPartBytes && index < parts.length - 1;
        if (small) throw s3Fault('S3_ERROR', 'EntityTooSmall');
        return part.body;
      });
      const ascending = parts.every((part, i) => part.partNumber > (parts[i - 1]?.partNumber ?? 0));
      if (!ascending) throw s3Fault('S3_ERROR', 'InvalidPartOrder');
      if (parts.length === 0) throw s3Fault('S3_ERROR', 'MalformedXML');
      const { contentEncoding } = upload;
      const body = Buffer.concat(bodies);
      const etag = etagOf(body);
      this.objects.set(key, { body, etag, contentEncoding, lastModified: new Date() });
      this.uploads.delete(uploadId);
      return etag;
    });
  }

  async abortMultipart(_key: string, uploadId: string, signal?: AbortSignal): Promise<void> {
    await this.#serve('abortMultipart', signal, () => this.uploads.delete(uploadId));
  }

  async *listMultipartUploads(
    prefix: string,
    signal?: AbortSignal,
  ): AsyncGenerator<UnfinishedUpload> {
    const found = await this.#serve('listMultipartUploads', signal, () => [...this.uploads]);
    for (const [uploadId, { key, initiated }] of found) {
      if (key.startsWith(prefix)) yield { key, uploadId, initiated };
    }
  }

  async *list(prefix: string, signal?: AbortSignal): AsyncGenerator<StoredObject> {
    const found = await this.#serve('list', signal, () => [...this.objects]);
    const sorted = found.toSorted(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
    for (const [key, { body, etag, lastModified }] of sorted) {
      if (key.startsWith(prefix)) yield { key, size: body.length, etag, lastModified };
    }
  }

  async headObject(key: string, signal?: AbortSignal): Promise<ObjectHead | undefined> {
    return await this.#serve('headObject', signal, () => {
      const object = this.objects.get(key);
      return object === undefined ? undefined : { size: object.body.length, etag: object.etag };
    });
  }

  async readObject(
    key: string,
    { signal, etag }: ReadOptions = {},
  ): Promise<AsyncIterable<Buffer>> {
    return await this.#serve('readObject', signal, (fault) => {
      const object = this.objects.get(key);
      if (object === undefined) throw s3Fault('S3_ERROR', 'NoSuchKey');
      if (etag !== undefined && etag !== object.etag)
        throw s3Fault('S3_ERROR', 'PreconditionFailed');
      return download(object.body, fault, signal);
    });
  }

  async deleteObject(key: string, signal?: AbortSignal): Promise<void> {
    await this.#serve('deleteObject', signal, () => this.objects.delete(key));
  }

  async deleteObjects(keys: readonly string[], signal?: AbortSignal): Promise<void> {
    await this.#serve('deleteObjects', signal, () => {
      for (const key of keys) this.objects.delete(key);
    });
  }

  async presignGet(key: string, expiresSeconds: number): Promise<string> {
    return await this.#serve('presignGet', undefined, () => {
      if (!(expiresSeconds >= 1 && expiresSeconds <= 604_800)) throw s3Fault('S3_ERROR', 'Error');
      return `${this.location}/${key}?expires=${expiresSeconds}`;
    });
  }

  close(): void {}

  /** One request: the fault meant for it, a little latency, and its work. */
  async #serve<T>(
    operation: StoreOperation,
    signal: AbortSignal | undefined,
    work: (fault: Fault | undefined) => T,
  ): Promise<T> {
    this.calls.push(operation);
    const fault = this.faults.take(operation);
    if (fault?.kind === 'hang') {
      fault.reached();
      await Promise.race(fault.deaf ? [fault.released] : [fault.released, whenAborted(signal)]);
    }
    const deaf = fault?.kind === 'hang' && fault.deaf;
    for (let turn = 0; turn < this.#latencyTurns; turn++) await nextTurn();
    if (signal?.aborted && !deaf) throw abortError(signal);
    if (fault?.kind === 'fail') throw fault.error;
    const result = work(fault);
    if (fault?.kind === 'failAfterWrite') throw fault.error;
    return result;
  }

  #upload(key: string, uploadId: string): HeldUpload {
    const upload = this.uploads.get(uploadId);
    if (upload?.key !== key) throw s3Fault('S3_ERROR', 'NoSuchUpload');
    return upload;
  }
}

function etagOf(body: Buffer): string {
  return `"${createHash('md5').update(body).digest('hex')}"`;
}

const DOWNLOAD_CHUNK_BYTES = 64 * 1024;

/** The body in chunks, as from a network; only its beginning when the fault says so. */
async function* download(
  body: Buffer,
  fault: Fault | undefined,
  signal: AbortSignal | undefined,
): AsyncGenerator<Buffer> {
  const end = fault?.kind === 'breakOff' ? fault.afterBytes : body.length;
  for (let start = 0; start < end; start += DOWNLOAD_CHUNK_BYTES) {
    await nextTurn();
    if (signal?.aborted) throw abortError(signal);
    yield body.subarray(start, Math.min(start + DOWNLOAD_CHUNK_BYTES, end));
  }
  if (fault?.kind === 'breakOff') throw fault.error;
}

/** An error as `S3ObjectStore` makes them. */
export function s3Fault(
  code: 'S3_ERROR' | 'S3_UNREACHABLE' | 'S3_UNAVAILABLE' | 'S3_ACCESS_DENIED',
  s3Error: string,
): RelytError {
  return new RelytError(code, `S3 failed: ${s3Error}`, { details: { s3Error } });
}

async function whenAborted(signal: AbortSignal | undefined): Promise<void> {
  if (signal === undefined) return await new Promise(() => {});
  if (signal.aborted) return;
  await new Promise<void>((resolve) =>
    signal.addEventListener('abort', () => resolve(), { once: true }),
  );
}

function abortError(signal: AbortSignal): RelytError {
  if (signal.reason instanceof RelytError) return signal.reason;
  return new RelytError('ABORTED', 'The request was aborted', { cause: signal.reason });
}
