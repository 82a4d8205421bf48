import { createHash } from 'node:crypto';
import { unlinkSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Blob, BlobFolder } from './blob-folder.ts';
import type { Checksum } from './checksum.ts';
import { readEntries, writeEntry } from './entry-file.ts';
import { SortedKeys } from './key-order.ts';

/** An object as it is stored: one entry that names the blobs holding its bytes. */
export interface ObjectEntry {
  readonly key: string;
  /** Without quotes. */
  readonly etag: string;
  readonly size: number;
  /** ISO 8601, UTC. */
  readonly modified: string;
  /** Headers given at the upload and returned with the object, lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  readonly blobs: readonly Blob[];
  readonly checksum?: Checksum;
  /** The multipart upload it was made of: lets a repeated CompleteMultipartUpload succeed. */
  readonly uploadId?: string;
}

/**
 * The objects of one bucket, in memory and as one entry file each. The file name is the SHA-256 of
 * the key, so no key can name a path outside the folder, clash by case, or be too long.
 */
export class ObjectFolder {
  readonly keys: SortedKeys;
  readonly #path: string;
  readonly #blobs: BlobFolder;
  readonly #entries: Map<string, ObjectEntry>;

  private constructor(path: string, blobs: BlobFolder, entries: Map<string, ObjectEntry>) {
    this.#path = path;
    this.#blobs = blobs;
    this.#entries = entries;
    this.keys = new SortedKeys(entries.keys());
  }

  static async open(path: string, blobs: BlobFolder): Promise<ObjectFolder> {
    await mkdir(path, { recursive: true });
    const entries = new Map<string, ObjectEntry>();
    for (const stored of await readEntries(path)) {
      const entry = stored.entry as ObjectEntry;
      entries.set(entry.key, entry);
    }
    return new ObjectFolder(path, blobs, entries);
  }

  get(key: string): ObjectEntry | undefined {
    return this.#entries.get(key);
  }

  values(): Iterable<ObjectEntry> {
    return this.#entries.values();
  }

  /** Puts the object in the place of an earlier one of that key. Synchronous: see entry-file.ts. */
  put(entry: ObjectEntry): void {
    writeEntry(this.#entryPath(entry.key), entry);
    const replaced = this.#entries.get(entry.key);
    this.#entries.set(entry.key, entry);
    if (replaced) this.#blobs.discard(replaced.blobs);
    else this.keys.add(entry.key);
  }

  /** Removes the object if it is there. */
  remove(key: string): void {
    const entry = this.#entries.get(key);
    if (!entry) return;
    unlinkSync(this.#entryPath(key));
    this.#entries.delete(key);
    this.keys.remove(key);
    this.#blobs.discard(entry.blobs);
  }

  #entryPath(key: string): string {
    return join(this.#path, `${createHash('sha256').update(key, 'utf8').digest('hex')}.json`);
  }
}
