import { randomBytes } from 'node:crypto';
import { mkdirSync, rmSync } from 'node:fs';
import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Blob, BlobFolder } from './blob-folder.ts';
import type { Checksum } from './checksum.ts';
import { parseEntry, readEntries, writeEntry } from './entry-file.ts';
import { compareKeys } from './key-order.ts';
import { S3Error } from './s3-error.ts';

export interface PartEntry {
  readonly number: number;
  /** Without quotes. */
  readonly etag: string;
  readonly modified: string;
  readonly blob: Blob;
  readonly checksum?: Checksum;
}

export interface UploadEntry {
  readonly uploadId: string;
  readonly key: string;
  readonly initiated: string;
  readonly headers: Readonly<Record<string, string>>;
}

interface Upload {
  readonly entry: UploadEntry;
  readonly parts: Map<number, PartEntry>;
}

const UPLOAD_FILE = 'upload.json';

/**
 * The unfinished multipart uploads of one bucket: a folder each, with one entry for the upload and one
 * per part. The parts' bytes are blobs; completing an upload hands those blobs to the object, uncopied.
 */
export class MultipartFolder {
  readonly #path: string;
  readonly #blobs: BlobFolder;
  readonly #uploads: Map<string, Upload>;

  private constructor(path: string, blobs: BlobFolder, uploads: Map<string, Upload>) {
    this.#path = path;
    this.#blobs = blobs;
    this.#uploads = uploads;
  }

  /** `completed` tells of uploads whose object is there: a crash may have come before their folder was removed. */
  static async open(
    path: string,
    blobs: BlobFolder,
    completed: ReadonlySet<string>,
  ): Promise<MultipartFolder> {
    await mkdir(path, { recursive: true });
    const uploads = new Map<string, Upload>();
    for (const uploadId of await readdir(path)) {
      const folder = join(path, uploadId);
      const parts = await readEntries(folder, /^part-\d+\.json$/);
      const known = (await readEntries(folder, /^upload\.json$/)).length === 1;
      if (completed.has(uploadId) || !known) {
        rmSync(folder, { recursive: true });
        continue;
      }
      const entry = parseEntry(join(folder, UPLOAD_FILE)) as UploadEntry;
      const numbered = parts.map((stored) => stored.entry as PartEntry);
      uploads.set(uploadId, { entry, parts: new Map(numbered.map((p) => [p.number, p])) });
    }
    return new MultipartFolder(path, blobs, uploads);
  }

  get size(): number {
    return this.#uploads.size;
  }

  create(upload: Omit<UploadEntry, 'uploadId'>): UploadEntry {
    const entry = { ...upload, uploadId: randomBytes(16).toString('hex') };
    mkdirSync(join(this.#path, entry.uploadId));
    writeEntry(join(this.#path, entry.uploadId, UPLOAD_FILE), entry);
    this.#uploads.set(entry.uploadId, { entry, parts: new Map() });
    return entry;
  }

  /** Throws NoSuchUpload, also when the upload belongs to another key. */
  get(uploadId: string, key: string): UploadEntry {
    return this.#find(uploadId, key).entry;
  }

  /** The parts in the order of their numbers. */
  parts(uploadId: string, key: string): PartEntry[] {
    return [...this.#find(uploadId, key).parts.values()].sort((a, b) => a.number - b.number);
  }

  /** Adds a part, or replaces the one of its number. */
  putPart(upload: UploadEntry, part: PartEntry): void {
    const { parts } = this.#find(upload.uploadId, upload.key);
    writeEntry(join(this.#path, upload.uploadId, `part-${part.number}.json`), part);
    const replaced = parts.get(part.number);
    parts.set(part.number, part);
    if (replaced) this.#blobs.discard([replaced.blob]);
  }

  /** Ends the upload and removes the blobs of all parts but `kept`, which now belong to an object. */
  end(upload: UploadEntry, kept: ReadonlySet<string> = new Set()): void {
    const { parts } = this.#find(upload.uploadId, upload.key);
    rmSync(join(this.#path, upload.uploadId), { recursive: true });
    this.#uploads.delete(upload.uploadId);
    const blobs = [...parts.values()].map((part) => part.blob);
    this.#blobs.discard(blobs.filter((blob) => !kept.has(blob.name)));
  }

  /** All uploads, by key, then by age. */
  list(): UploadEntry[] {
    return [...this.#uploads.values()]
      .map((upload) => upload.entry)
      .sort(
        (a, b) =>
          compareKeys(a.key, b.key) ||
          compareKeys(a.initiated, b.initiated) ||
          compareKeys(a.uploadId, b.uploadId),
      );
  }

  /** Names of the blobs of all parts. */
  *blobNames(): Iterable<string> {
    for (const { parts } of this.#uploads.values()) {
      for (const part of parts.values()) yield part.blob.name;
    }
  }

  #find(uploadId: string, key: string): Upload {
    const upload = this.#uploads.get(uploadId);
    if (upload?.entry.key !== key)
      throw new S3Error('NoSuchUpload', undefined, { UploadId: uploadId });
    return upload;
  }
}
