import type { RetryLimits } from '../core/retry-policy.ts';
import { RelytError } from '../errors.ts';
import { GzipMember, gzipInputPool } from './gzip-member.ts';
import type { ObjectStore } from './object-store.ts';
import { ObjectUpload, type UploadedObject } from './object-upload.ts';
import { type Part, PartFiller } from './part-filler.ts';
import type { PartPool } from './part-pool.ts';
import { abortedError } from './retry.ts';
import { RowBuffer } from './row-buffer.ts';
import type { FinishedFile, RowFile, StagedRow } from './row-file.ts';

export interface StagedFileOptions {
  readonly key: string;
  readonly store: ObjectStore;
  /** Its buffers are the parts: at least 5 MiB each on a real S3 server. May be shared by many files. */
  readonly pool: PartPool;
  /** Parts of this file sent at a time. */
  readonly maxPartsInFlight: number;
  /** Stores the file as one gzip member with `Content-Encoding: gzip`. */
  readonly gzip: boolean;
  /** Ends the file as `abort()` does. */
  readonly signal?: AbortSignal;
  /** Resolves once the file is recorded in the database; no byte may reach S3 before, or a crash would leave it there unknown. */
  readonly beforeUpload: () => Promise<void>;
  /** Most pool buffers in one part of a very large file; default 2. See `maxFileBytes` for what that allows. */
  readonly maxBuffersPerPart?: number;
  /** How often S3 is asked again after a transient failure; default about 45 seconds. */
  readonly retry?: RetryLimits;
}

/**
 * One S3 object being written. Records go in synchronously; parts go to S3 in the background as they fill.
 *
 * The first failure ends the file: what is in flight is cancelled, the multipart upload aborted and every buffer
 * given back; `whenWritable()` and `finish()` reject with it.
 */
export class StagedFile implements RowFile {
  readonly key: string;
  readonly #upload: ObjectUpload;
  /** Takes rows. */
  readonly #rows: PartFiller;
  /** Takes what is stored; the same as `#rows` when nothing is compressed. */
  readonly #stored: PartFiller;
  readonly #gzip: GzipMember | undefined;
  readonly #unlisten: () => void;
  readonly #buffer: RowBuffer;
  #state: 'open' | 'closing' | 'closed' = 'open';

  constructor(options: StagedFileOptions) {
    const { key, pool, gzip, signal } = options;
    this.key = key;
    this.#upload = this.#createUpload(options);
    const maxBuffersPerPart = options.maxBuffersPerPart ?? 2;
    const onPart = (part: Part) => this.#upload.addPart(part);
    const ended = this.#upload.signal;
    this.#stored = new PartFiller({ pool, maxBuffersPerPart, onPart, signal: ended });
    if (gzip) {
      const input = gzipInputPool();
      const onError = (error: unknown) => this.#upload.fail(error);
      const member = new GzipMember({ input, sink: this.#stored, onError });
      const compress = (part: Part) => member.write(part);
      this.#gzip = member;
      this.#rows = new PartFiller({
        pool: input,
        maxBuffersPerPart: 1,
        onPart: compress,
        signal: ended,
      });
    } else {
      this.#rows = this.#stored;
    }
    this.#buffer = new RowBuffer(key, this.#rows);
    this.#unlisten = this.#listen(signal);
  }

  get records(): number {
    return this.#buffer.records;
  }

  get bytes(): number {
    return this.#buffer.bytes;
  }

  isAtLeast(bytes: number): boolean {
    return this.#buffer.isAtLeast(bytes);
  }

  get blocked(): boolean {
    return this.#rows.blocked || this.#upload.failure !== undefined;
  }

  append(row: StagedRow, longFields?: readonly (readonly Buffer[])[]): void {
    if (this.#state !== 'open') throw this.#fault('got a record after its end');
    this.#buffer.append(row, longFields);
  }

  async whenWritable(): Promise<void> {
    await this.#rows.settled();
    if (this.#upload.failure !== undefined) throw this.#upload.failure;
  }

  /** Sends the rest and makes the object; resolves when S3 has all of it. */
  async finish(): Promise<FinishedFile & Pick<UploadedObject, 'stored'>> {
    if (this.#state !== 'open') throw this.#fault('was finished twice');
    this.#state = 'closing';
    try {
      if (this.records === 0) this.#upload.fail(this.#fault('was finished without records'));
      this.#buffer.flush();
      const bytes = this.#rows.bytes;
      await this.#rows.settled();
      await this.#gzip?.end(this.#upload.failure === undefined ? this.#rows.takeRest() : undefined);
      await this.#stored.settled();
      const last = this.#upload.failure === undefined ? this.#stored.takeRest() : undefined;
      return { bytes, ...(await this.#upload.finish(last)) };
    } finally {
      this.#state = 'closed';
      this.#unlisten();
    }
  }

  /**
   * Drops the file: cancels its requests, waits for them, and removes what S3 has of it. Does nothing once
   * `finish()` has succeeded. Rejects when something may be left in S3.
   */
  async abort(): Promise<void> {
    if (this.#state === 'open') this.#state = 'closed';
    this.#unlisten();
    try {
      await this.#upload.abort();
    } finally {
      if (this.#upload.failure !== undefined) await this.#gzip?.stopped();
    }
  }

  #createUpload(options: StagedFileOptions): ObjectUpload {
    const { key, store, pool, maxPartsInFlight, beforeUpload, retry } = options;
    return new ObjectUpload({
      key,
      store,
      maxPartsInFlight,
      beforeUpload,
      release: (buffers) => {
        for (const buffer of buffers) pool.release(buffer);
      },
      onFailure: () => this.#discard(),
      ...(options.gzip ? { contentEncoding: 'gzip' as const } : {}),
      ...(retry === undefined ? {} : { retry }),
    });
  }

  /** Frees the memory of a file that has failed. */
  #discard(): void {
    this.#buffer.drop();
    this.#gzip?.stop();
    this.#rows.discard();
    this.#stored.discard();
  }

  /** Returns how to stop listening: a signal usually outlives the file. */
  #listen(signal: AbortSignal | undefined): () => void {
    if (signal === undefined) return () => {};
    const onAbort = () => this.#upload.fail(abortedError(signal, signal.reason));
    if (signal.aborted) onAbort();
    signal.addEventListener('abort', onAbort, { once: true });
    return () => signal.removeEventListener('abort', onAbort);
  }

  #fault(what: string): RelytError {
    return new RelytError('INTERNAL', `The staged file "${this.key}" ${what}.`);
  }
}
