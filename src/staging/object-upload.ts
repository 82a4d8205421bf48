import { setMaxListeners } from 'node:events';
import { crc32 } from 'node:zlib';
import { S3_LIMITS } from '../core/part-plan.ts';
import { comparableEtag, type StagedBytes } from '../core/staged-bytes.ts';
import { RelytError } from '../errors.ts';
import { ObjectRequests, type ObjectRequestsOptions } from './object-requests.ts';
import type { NumberedPart } from './object-store.ts';
import { chunksOf, type Part } from './part-filler.ts';
import { abortedError } from './retry.ts';

export interface ObjectUploadOptions extends ObjectRequestsOptions {
  readonly maxPartsInFlight: number;
  /** Gets the buffers of each part back, once they are not needed any more. */
  readonly release: (buffers: readonly Buffer[]) => void;
  /** Notified of the first failure, at once. */
  readonly onFailure: (error: RelytError) => void;
}

export interface UploadedObject {
  readonly stored: StagedBytes;
  /** Parts of the multipart upload; 0 when one PutObject did it. */
  readonly parts: number;
}

/**
 * One S3 object on its way: parts are sent in the background while later ones are filled. An object that fits
 * into one part is put; otherwise a multipart upload starts with the first full part.
 *
 * After the first failure nothing more is sent: what is in flight is cancelled, and then whatever S3 has of the
 * object is removed. No promise is left running: `finish()` and `abort()` settle after all requests have.
 */
export class ObjectUpload {
  readonly #options: ObjectUploadOptions;
  readonly #requests: ObjectRequests;
  readonly #controller = new AbortController();
  readonly #waiting: { number: number; part: Part }[] = [];
  /** None of them ever rejects. */
  readonly #running = new Set<Promise<void>>();
  readonly #sent: NumberedPart[] = [];
  #making: Promise<void> | undefined;
  #removing: Promise<void> | undefined;
  #failure: RelytError | undefined;
  #stored = false;
  #parts = 0;
  #storedBytes = 0;
  #etag: string | undefined;
  /** Of all parts so far: they come in the order of the object. */
  #crc32 = 0;

  constructor(options: ObjectUploadOptions) {
    this.#options = options;
    // Every part in flight listens; Node takes more than ten listeners for a leak, and warns.
    setMaxListeners(0, this.signal);
    this.#requests = new ObjectRequests(options, this.signal);
  }

  /** Fires with the first failure. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  get failure(): RelytError | undefined {
    return this.#failure;
  }

  /** Sends a part in the background and takes over its buffers. */
  addPart(part: Part): void {
    this.#waiting.push({ number: ++this.#parts, part });
    this.#sum(part);
    if (this.#parts > S3_LIMITS.parts) this.fail(this.#tooManyParts());
    if (this.#failure === undefined) this.#startParts();
    else this.#releaseWaiting();
  }

  /** Sends the rest, whose buffers it takes over, and makes the object. */
  async finish(last: Part | undefined): Promise<UploadedObject> {
    this.#making = this.#make(last).catch((error: unknown) => this.fail(error));
    await this.#making;
    if (this.#failure === undefined) {
      await this.#requests.removeStrays();
      const etag = comparableEtag(this.#etag);
      const stored = { size: this.#storedBytes, etag, crc32: this.#crc32 };
      return { stored, parts: this.#parts };
    }
    await this.#removing?.catch(() => {}); // abort() reports how that went
    throw this.#failure;
  }

  /** Cancels everything, waits for it, and removes what S3 has of the object. Rejects when that could not be removed. */
  async abort(): Promise<void> {
    this.fail(abortedError(undefined, undefined));
    await this.#removing;
  }

  /** Makes this failure the outcome, unless there is an outcome already. */
  fail(error: unknown): void {
    if (this.#stored || this.#failure !== undefined) return;
    this.#failure = uploadFailure(error, this.#options.key);
    this.#controller.abort(this.#failure);
    this.#releaseWaiting();
    this.#removing = this.#remove();
    this.#removing.catch(() => {}); // the caller of abort() learns of it
    this.#options.onFailure(this.#failure);
  }

  #startParts(): void {
    while (this.#running.size < this.#options.maxPartsInFlight) {
      const next = this.#waiting.shift();
      if (next === undefined) return;
      const sending = this.#sendPart(next.number, next.part).then(() => {
        this.#running.delete(sending);
        this.#startParts();
      });
      this.#running.add(sending);
    }
  }

  async #sendPart(number: number, part: Part): Promise<void> {
    try {
      this.#sent.push(await this.#requests.sendPart(number, part));
      this.#storedBytes += part.bytes;
    } catch (error) {
      this.fail(error);
    } finally {
      this.#options.release(part.buffers);
    }
  }

  async #make(last: Part | undefined): Promise<void> {
    if (this.#parts === 0 && last !== undefined) {
      await this.#put(last);
    } else {
      if (last !== undefined) this.addPart(last);
      while (this.#running.size > 0) await Promise.all(this.#running);
      this.#throwFailure();
      const parts = this.#sent.toSorted((a, b) => a.partNumber - b.partNumber);
      this.#etag = await this.#requests.complete(parts, this.#storedBytes);
    }
    // An abort at the last moment still counts: its promise is kept.
    this.#throwFailure();
    this.#stored = true;
  }

  async #put(part: Part): Promise<void> {
    try {
      this.#throwFailure();
      this.#sum(part);
      this.#etag = await this.#requests.put(part);
      this.#storedBytes = part.bytes;
    } finally {
      this.#options.release(part.buffers);
    }
  }

  #sum(part: Part): void {
    for (const chunk of chunksOf(part)) this.#crc32 = crc32(chunk, this.#crc32);
  }

  async #remove(): Promise<void> {
    // S3 may keep a part that arrives while its upload is aborted, so the requests have to end first.
    await Promise.all([...this.#running, this.#making]);
    await this.#requests.remove();
  }

  #releaseWaiting(): void {
    for (const { part } of this.#waiting.splice(0)) this.#options.release(part.buffers);
  }

  #throwFailure(): void {
    if (this.#failure !== undefined) throw this.#failure;
  }

  #tooManyParts(): RelytError {
    return new RelytError(
      'CONFIG_INVALID',
      `The staged file "${this.#options.key}" needs more than ${S3_LIMITS.parts} parts.`,
      { hint: 'Make `batchSize` smaller, or raise part_size in LOADER_CONFIG.' },
    );
  }
}

function uploadFailure(error: unknown, key: string): RelytError {
  if (error instanceof RelytError) return error;
  return new RelytError('INTERNAL', `The upload of "${key}" failed unexpectedly.`, {
    cause: error,
  });
}
