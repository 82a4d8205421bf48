import { randomBytes } from 'node:crypto';
import { type FileHandle, mkdir, open, readdir, unlink } from 'node:fs/promises';
import { join } from 'node:path';

/** A file of payload: written once, then only read or removed. An object is one or more of them in a row. */
export interface Blob {
  readonly name: string;
  readonly size: number;
}

/** Payload waiting to be written, and written at once, per upload. */
const WRITE_BYTES = 512 * 1024;

/**
 * The payload files of all buckets, under random names. A blob that is discarded while a download still
 * reads it stays until that download has ended, so an overwrite never cuts or mixes a download.
 */
export class BlobFolder {
  readonly #path: string;
  readonly #holds = new Map<string, number>();
  readonly #doomed = new Set<string>();
  readonly #removals = new Set<Promise<void>>();

  private constructor(path: string) {
    this.#path = path;
  }

  static async open(path: string): Promise<BlobFolder> {
    await mkdir(path, { recursive: true });
    return new BlobFolder(path);
  }

  /** A new blob; the caller finishes or abandons it. */
  async create(): Promise<BlobWriter> {
    const name = randomBytes(16).toString('hex');
    const path = join(this.#path, name);
    return new BlobWriter(name, path, await open(path, 'wx'));
  }

  async openForReading(blob: Blob): Promise<FileHandle> {
    return open(join(this.#path, blob.name), 'r');
  }

  /** Keeps blobs readable until the returned function is called. */
  hold(blobs: readonly Blob[]): () => void {
    for (const { name } of blobs) this.#holds.set(name, (this.#holds.get(name) ?? 0) + 1);
    return () => {
      for (const { name } of blobs) this.#letGo(name);
    };
  }

  /** Removes blobs that nothing refers to any more, now or when their last reader is done. */
  discard(blobs: readonly Blob[]): void {
    for (const { name } of blobs) {
      if (this.#holds.has(name)) this.#doomed.add(name);
      else this.#remove(name);
    }
  }

  /** Removes everything but the given names: what uploads cut by a crash left behind. */
  async keepOnly(names: ReadonlySet<string>): Promise<void> {
    for (const name of await readdir(this.#path)) {
      if (!names.has(name)) await unlink(join(this.#path, name));
    }
  }

  /** Waits for removals under way. */
  async settle(): Promise<void> {
    await Promise.all(this.#removals);
  }

  #letGo(name: string): void {
    const holds = (this.#holds.get(name) ?? 0) - 1;
    if (holds > 0) {
      this.#holds.set(name, holds);
      return;
    }
    this.#holds.delete(name);
    if (this.#doomed.delete(name)) this.#remove(name);
  }

  #remove(name: string): void {
    // A blob that cannot be removed wastes space until the next start sweeps it; no request fails for that.
    const removal: Promise<void> = unlink(join(this.#path, name))
      .catch(() => undefined)
      .finally(() => this.#removals.delete(removal));
    this.#removals.add(removal);
  }
}

/** Appends to a new blob. Reading the next bytes from the socket overlaps with writing the last ones. */
export class BlobWriter {
  readonly #name: string;
  readonly #path: string;
  readonly #file: FileHandle;
  #waiting: Buffer[] = [];
  #waitingBytes = 0;
  #size = 0;
  #writing: Promise<void> = Promise.resolve();

  constructor(name: string, path: string, file: FileHandle) {
    this.#name = name;
    this.#path = path;
    this.#file = file;
  }

  /** Takes the bytes, which must not change afterwards; the promise says when there is room for more. */
  write(bytes: Buffer): void | Promise<void> {
    this.#waiting.push(bytes);
    this.#waitingBytes += bytes.length;
    this.#size += bytes.length;
    if (this.#waitingBytes >= WRITE_BYTES) return this.#flush();
  }

  /**
   * Not followed by fsync: the data outlive a crash of this process, not one of the machine,
   * which is what a server for development and tests owes.
   */
  async finish(): Promise<Blob> {
    await this.#flush();
    await this.#writing;
    await this.#file.close();
    return { name: this.#name, size: this.#size };
  }

  /** Removes the unfinished blob; safe to call after a failed write or finish. */
  async abandon(): Promise<void> {
    await this.#writing.catch(() => undefined);
    await this.#file.close().catch(() => undefined);
    await unlink(this.#path).catch(() => undefined);
  }

  /** Begins the next write once the one before it has ended; resolves then. */
  #flush(): Promise<void> {
    const batch = this.#waiting;
    this.#waiting = [];
    this.#waitingBytes = 0;
    const before = this.#writing;
    this.#writing = before.then(() => this.#writeAll(batch));
    // Its failure is thrown by the next flush or finish; here it must only not count as unhandled.
    this.#writing.catch(() => undefined);
    return before;
  }

  async #writeAll(batch: Buffer[]): Promise<void> {
    // Uncopied: gathering 1 GB into larger buffers costs more CPU than the checksum of it.
    let left = batch;
    while (left.length > 0) {
      const { bytesWritten } = await this.#file.writev(left);
      left = afterFirst(left, bytesWritten);
    }
  }
}

/** What is left of the buffers after their first `bytes`: a disk that fills up takes some of a write only. */
function afterFirst(buffers: readonly Buffer[], bytes: number): Buffer[] {
  let passed = bytes;
  const left: Buffer[] = [];
  for (const buffer of buffers) {
    const rest = buffer.subarray(passed);
    passed = Math.max(0, passed - buffer.length);
    if (rest.length > 0) left.push(rest);
  }
  return left;
}
