import { existsSync, rmSync } from 'node:fs';
import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { BlobFolder } from './blob-folder.ts';
import { parseEntry, writeEntry } from './entry-file.ts';
import { MultipartFolder } from './multipart-folder.ts';
import { ObjectFolder } from './object-folder.ts';
import { S3Error } from './s3-error.ts';

export interface Bucket {
  readonly name: string;
  /** ISO 8601, UTC. */
  readonly created: string;
  readonly objects: ObjectFolder;
  readonly uploads: MultipartFolder;
}

const BUCKET_FILE = 'bucket.json';

/** The rules of AWS; they also make every bucket name a safe folder name. */
function checkBucketName(name: string): void {
  const valid = /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(name);
  if (!valid || name.includes('..') || /^\d+\.\d+\.\d+\.\d+$/.test(name)) {
    throw new S3Error('InvalidBucketName', undefined, { BucketName: name });
  }
}

/**
 * Everything the server stores, in one folder:
 * `blobs/` and, per bucket, `buckets/<name>/{bucket.json,objects/,uploads/}`.
 */
export class BucketFolder {
  readonly blobs: BlobFolder;
  readonly #path: string;
  readonly #buckets = new Map<string, Bucket>();
  readonly #creating = new Map<string, Promise<Bucket>>();

  private constructor(path: string, blobs: BlobFolder) {
    this.#path = path;
    this.blobs = blobs;
  }

  /** Reads what is stored and removes what an earlier crash left unfinished. */
  static async open(dataDir: string): Promise<BucketFolder> {
    const path = join(dataDir, 'buckets');
    await mkdir(path, { recursive: true });
    const folder = new BucketFolder(path, await BlobFolder.open(join(dataDir, 'blobs')));
    const inUse = new Set<string>();
    for (const name of await readdir(path)) {
      if (!existsSync(join(path, name, BUCKET_FILE))) {
        // Its creation or removal was cut short; it never held an object at that moment.
        rmSync(join(path, name), { recursive: true });
        continue;
      }
      const { created } = parseEntry(join(path, name, BUCKET_FILE)) as { created: string };
      const bucket = await folder.#load(name, created);
      for (const object of bucket.objects.values()) {
        for (const blob of object.blobs) inUse.add(blob.name);
      }
      for (const blobName of bucket.uploads.blobNames()) inUse.add(blobName);
    }
    await folder.blobs.keepOnly(inUse);
    return folder;
  }

  /** Throws NoSuchBucket. */
  get(name: string): Bucket {
    const bucket = this.#buckets.get(name);
    if (!bucket) throw new S3Error('NoSuchBucket', undefined, { BucketName: name });
    return bucket;
  }

  has(name: string): boolean {
    return this.#buckets.has(name);
  }

  /** By name. */
  list(): Bucket[] {
    return [...this.#buckets.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** Makes the bucket; nothing happens when it is there. */
  async create(name: string, created: string): Promise<void> {
    checkBucketName(name);
    if (this.#buckets.has(name)) return;
    // Shared by requests for the same name, or the second would forget what the first one's bucket holds.
    const creating = this.#creating.get(name) ?? this.#make(name, created);
    this.#creating.set(name, creating);
    await creating.finally(() => this.#creating.delete(name));
  }

  /** Throws BucketNotEmpty when it holds an object or an unfinished upload. */
  remove(name: string): void {
    const bucket = this.get(name);
    if (bucket.objects.keys.size > 0 || bucket.uploads.size > 0) {
      throw new S3Error('BucketNotEmpty', undefined, { BucketName: name });
    }
    rmSync(join(this.#path, name), { recursive: true });
    this.#buckets.delete(name);
  }

  async #make(name: string, created: string): Promise<Bucket> {
    await mkdir(join(this.#path, name), { recursive: true });
    writeEntry(join(this.#path, name, BUCKET_FILE), { created });
    return this.#load(name, created);
  }

  async #load(name: string, created: string): Promise<Bucket> {
    const path = join(this.#path, name);
    const objects = await ObjectFolder.open(join(path, 'objects'), this.blobs);
    const completed = new Set<string>();
    for (const { uploadId } of objects.values())
      if (uploadId !== undefined) completed.add(uploadId);
    const uploads = await MultipartFolder.open(join(path, 'uploads'), this.blobs, completed);
    const bucket = { name, created, objects, uploads };
    this.#buckets.set(name, bucket);
    return bucket;
  }
}
