import type { RetryLimits } from '../core/retry-policy.ts';
import { RelytError } from '../errors.ts';
import { failpoint } from '../failpoints.ts';
import { cancelUpload } from './cancel-upload.ts';
import type { NumberedPart, ObjectStore } from './object-store.ts';
import { chunksOf, type Part } from './part-filler.ts';
import { UPLOAD_RETRY, withRetries } from './retry.ts';

export interface ObjectRequestsOptions {
  readonly key: string;
  readonly store: ObjectStore;
  readonly contentEncoding?: 'gzip';
  /** Resolves once the object may be made; no byte is sent before. Called once. */
  readonly beforeUpload: () => Promise<void>;
  readonly retry?: RetryLimits;
}

/**
 * The requests that make one object, each repeated while its failure is transient. It knows what S3 may have of the
 * object even when an answer was lost, so that `remove()` leaves nothing behind (G7).
 */
export class ObjectRequests {
  readonly #options: ObjectRequestsOptions;
  readonly #signal: AbortSignal;
  #permission: Promise<void> | undefined;
  #opening: Promise<string> | undefined;
  #uploadId: string | undefined;
  /** The answer to CreateMultipartUpload was lost: S3 may have an upload whose id we never learnt. */
  #strayUploads = false;
  /** The object was put or completed, or that was tried. */
  #objectMayExist = false;

  constructor(options: ObjectRequestsOptions, signal: AbortSignal) {
    this.#options = options;
    this.#signal = signal;
  }

  /** Stores an object of one part; returns its ETag. */
  async put(part: Part): Promise<string | undefined> {
    const { store } = this.#options;
    await this.#allowed();
    this.#objectMayExist = true;
    const request = { ...this.#target(), chunks: chunksOf(part) };
    // After a lost answer, the same object is put again.
    const etag = await this.#repeated(() => store.putObject(request));
    await failpoint('object-completed');
    return etag;
  }

  /** Sends one part; the first call opens the multipart upload. */
  async sendPart(partNumber: number, part: Part): Promise<NumberedPart> {
    const { store, key } = this.#options;
    this.#opening ??= this.#open();
    const uploadId = await this.#opening;
    const request = { key, uploadId, partNumber, chunks: chunksOf(part), signal: this.#signal };
    const sent = await this.#repeated(() => store.uploadPart(request));
    await failpoint('part-uploaded');
    return { ...sent, partNumber };
  }

  /** Makes the object of the parts sent, `bytes` in all; returns its ETag. */
  async complete(parts: readonly NumberedPart[], bytes: number): Promise<string | undefined> {
    const { store, key } = this.#options;
    const uploadId = this.#uploadId;
    if (uploadId === undefined) throw new RelytError('INTERNAL', `No part of "${key}" was sent.`);
    const etag = await this.#repeated(async () => {
      this.#objectMayExist = true;
      try {
        return await store.completeMultipart({ key, uploadId, parts, signal: this.#signal });
      } catch (error) {
        if (!isNoSuchUpload(error)) throw error;
        // An earlier try may have made the object and only its answer was lost: then it is there, and whole.
        const found = await store.headObject(key, this.#signal);
        if (found?.size !== bytes) throw error;
        return found.etag;
      }
    });
    await failpoint('object-completed');
    return etag;
  }

  /** Removes uploads whose ids were lost on the way, after the object was made. */
  async removeStrays(): Promise<void> {
    const { store, key } = this.#options;
    if (!this.#strayUploads) return;
    const keep = this.#uploadId === undefined ? {} : { keepUploadId: this.#uploadId };
    // The object is whole whether or not this works; the clean-up after a crash finds what is left.
    await cancelUpload(store, { key, strayUploads: true, ...keep }).catch(() => {});
  }

  /** Removes whatever S3 has of the object. Call it when no request is under way. */
  async remove(): Promise<void> {
    const { store, key } = this.#options;
    await cancelUpload(store, {
      key,
      strayUploads: this.#strayUploads,
      objectMayExist: this.#objectMayExist,
      ...(this.#uploadId === undefined ? {} : { uploadId: this.#uploadId }),
    });
  }

  async #open(): Promise<string> {
    const { store } = this.#options;
    await this.#allowed();
    let lostAnswers = 0;
    this.#uploadId = await this.#repeated(async () => {
      lostAnswers++;
      this.#strayUploads = true;
      const id = await store.createMultipart(this.#target());
      lostAnswers--;
      return id;
    });
    this.#strayUploads = lostAnswers > 0;
    return this.#uploadId;
  }

  /** Waits for `beforeUpload`, at most until the signal fires. */
  async #allowed(): Promise<void> {
    this.#permission ??= this.#options.beforeUpload();
    await untilAborted(this.#permission, this.#signal);
  }

  #target(): { key: string; signal: AbortSignal; contentEncoding?: 'gzip' } {
    const { key, contentEncoding } = this.#options;
    const target = { key, signal: this.#signal };
    return contentEncoding === undefined ? target : { ...target, contentEncoding };
  }

  async #repeated<T>(operation: () => Promise<T>): Promise<T> {
    return await withRetries(operation, this.#options.retry ?? UPLOAD_RETRY, this.#signal);
  }
}

function isNoSuchUpload(error: unknown): boolean {
  return error instanceof RelytError && error.details.s3Error === 'NoSuchUpload';
}

/** The promise's outcome, or the signal's reason when that comes first. */
async function untilAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  let onAbort = () => {};
  const aborted = new Promise<never>((_resolve, reject) => {
    onAbort = () => reject(signal.reason);
  });
  if (signal.aborted) onAbort();
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    return await Promise.race([aborted, promise]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}
