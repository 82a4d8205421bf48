import type { RetryLimits } from '../core/retry-policy.ts';
import type { StagedBytes } from '../core/staged-bytes.ts';
import { RelytError } from '../errors.ts';
import { GzipMember, gzipInputPool } from './gzip-member.ts';
import type { ObjectStore } from './object-store.ts';
import { ObjectUpload } from './object-upload.ts';
import { type Part, PartFiller } from './part-filler.ts';
import type { PartPool } from './part-pool.ts';
import { abortedError } from './retry.ts';

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

export interface FinishedFile {
  /** Bytes of its rows. */
  readonly bytes: number;
  /** The S3 object: of fewer bytes, when compressed. */
  readonly stored: StagedBytes;
  /** Parts of the multipart upload; 0 when one PutObject did it. */
  readonly parts: number;
}

/** A record that is encoded: text, or what has taken its bytes and hands them on. */
export type StagedRow = string | StagedRows;

/** Bytes of records on their way into a file. */
export interface StagedRows {
  /** Bytes held. */
  readonly size: number;
  /** Hands all of them over, and is empty then. Those that the filler keeps must not change any more. */
  drain(filler: Pick<PartFiller, 'writeBytes' | 'blocked'>): void;
}

/** Few writes, and still in the cache of a processor. */
const FLUSH_BYTES = 96 * 1024;
/** Long strings that were added together are dear to flatten, and short ones dear to write: this is the best in between. */
const FLUSH_CHARACTERS = 4096;
const MAX_BYTES_PER_UNIT = 3;
const NONE: readonly never[] = [];

const NOWHERE: Pick<PartFiller, 'writeBytes' | 'blocked'> = {
  blocked: false,
  writeBytes: () => {},
};

/**
 * One S3 object being written. Records go in synchronously; parts go to S3 in the background as they fill.
 *
 * The first failure ends the file: what is in flight is cancelled, the multipart upload aborted and every buffer
 * given back; `whenWritable()` and `finish()` reject with it.
 */
export class StagedFile {
  readonly key: string;
  readonly #upload: ObjectUpload;
  /** Takes rows. */
  readonly #rows: PartFiller;
  /** Takes what is stored; the same as `#rows` when nothing is compressed. */
  readonly #stored: PartFiller;
  readonly #gzip: GzipMember | undefined;
  readonly #unlisten: () => void;
  #text = '';
  /** Where the rows of its lane are collected, when they are no text. */
  #collected: StagedRows | undefined;
  #records = 0;
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
    this.#unlisten = this.#listen(signal);
  }

  /** Records appended so far. */
  get records(): number {
    return this.#records;
  }

  /** Bytes of rows so far; text not yet encoded counts one byte a character, so up to 4 KiB may be short by half. */
  get bytes(): number {
    return this.#rows.bytes + this.#text.length + (this.#collected?.size ?? 0);
  }

  /** Whether it has so many bytes, exactly: no code unit takes more than three. */
  isAtLeast(bytes: number): boolean {
    const taken = this.#rows.bytes + (this.#collected?.size ?? 0);
    if (taken + MAX_BYTES_PER_UNIT * this.#text.length < bytes) return false;
    return taken + Buffer.byteLength(this.#text) >= bytes;
  }

  /** True when memory is used up, or the file has failed: `whenWritable()` waits for the one and rejects for the other. */
  get blocked(): boolean {
    return this.#rows.blocked || this.#upload.failure !== undefined;
  }

  /**
   * Adds one record: its line, line feed included, or the rows that have taken it, which are the same for all records
   * of the file. Still correct while `blocked`, but memory then grows with every record.
   * Records for a file that has failed are dropped: `finish()` reports the failure.
   *
   * @param longFields fields whose places in the line U+0000 holds; their bytes must not change
   */
  append(row: StagedRow, longFields: readonly (readonly Buffer[])[] = NONE): void {
    if (this.#state !== 'open') throw this.#fault('got a record after its end');
    this.#records++;
    if (typeof row !== 'string') {
      this.#collected = row;
      if (row.size >= FLUSH_BYTES) this.#flush();
    } else if (this.#upload.failure === undefined) {
      if (longFields.length > 0) this.#appendLong(row, longFields);
      else this.#text += row;
      if (this.#text.length >= FLUSH_CHARACTERS) this.#flush();
    }
  }

  /** Resolves when lines may be appended again; rejects with the failure of the file. */
  async whenWritable(): Promise<void> {
    await this.#rows.settled();
    if (this.#upload.failure !== undefined) throw this.#upload.failure;
  }

  /** Sends the rest and makes the object; resolves when S3 has all of it. */
  async finish(): Promise<FinishedFile> {
    if (this.#state !== 'open') throw this.#fault('was finished twice');
    this.#state = 'closing';
    try {
      if (this.#records === 0) this.#upload.fail(this.#fault('was finished without records'));
      this.#flush();
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
    this.#text = '';
    this.#gzip?.stop();
    this.#rows.discard();
    this.#stored.discard();
  }

  #appendLong(line: string, longFields: readonly (readonly Buffer[])[]): void {
    const between = line.split('\0');
    if (between.length !== longFields.length + 1) throw this.#fault('got a line with other fields');
    between.forEach((text, i) => {
      this.#text += text;
      this.#flush();
      for (const piece of longFields[i] ?? NONE) this.#rows.writeBytes(piece);
    });
  }

  /** A file that has failed takes nothing, but its lane goes on with another one. */
  #flush(): void {
    const text = this.#text;
    this.#text = '';
    const failed = this.#upload.failure !== undefined;
    if (text !== '' && !failed) this.#rows.writeText(text);
    this.#collected?.drain(failed ? NOWHERE : this.#rows);
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
    return new RelytError('INTERNAL', `Staged file "${this.key}" ${what}`);
  }
}
