import { createHash } from 'node:crypto';
import { unlinkSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Blob, BlobFolder } from './blob-folder.ts';
import type { Checksum } from './checksum.ts';
import { SortedKeys } from './key-order.ts';
import { readRecords, writeRecord } from './record-file.ts';

/** An object as it is stored: one record that names the blobs holding its bytes. */
export interface ObjectRecord {
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
 * The objects of one bucket, in memory and as one record file each. The file name is the SHA-256 of
 * the key, so no key can name a path outside the folder, clash by case, or be too long.
 */
export class ObjectFolder {
  readonly keys: SortedKeys;
  readonly #path: string;
  readonly #blobs: BlobFolder;
  readonly #records: Map<string, ObjectRecord>;

  private constructor(path: string, blobs: BlobFolder, records: Map<string, ObjectRecord>) {
    this.#path = path;
    this.#blobs = blobs;
    this.#records = records;
    this.keys = new SortedKeys(records.keys());
  }

  static async open(path: string, blobs: BlobFolder): Promise<ObjectFolder> {
    await mkdir(path, { recursive: true });
    const records = new Map<string, ObjectRecord>();
    for (const stored of await readRecords(path)) {
      const record = stored.record as ObjectRecord;
      records.set(record.key, record);
    }
    return new ObjectFolder(path, blobs, records);
  }

  get(key: string): ObjectRecord | undefined {
    return this.#records.get(key);
  }

  values(): Iterable<ObjectRecord> {
    return this.#records.values();
  }

  /** Puts the object in the place of an earlier one of that key. Synchronous: see record-file.ts. */
  put(record: ObjectRecord): void {
    writeRecord(this.#recordPath(record.key), record);
    const replaced = this.#records.get(record.key);
    this.#records.set(record.key, record);
    if (replaced) this.#blobs.discard(replaced.blobs);
    else this.keys.add(record.key);
  }

  /** Removes the object if it is there. */
  remove(key: string): void {
    const record = this.#records.get(key);
    if (!record) return;
    unlinkSync(this.#recordPath(key));
    this.#records.delete(key);
    this.keys.remove(key);
    this.#blobs.discard(record.blobs);
  }

  #recordPath(key: string): string {
    return join(this.#path, `${createHash('sha256').update(key, 'utf8').digest('hex')}.json`);
  }
}
