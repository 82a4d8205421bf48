import { readSync } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import { setImmediate } from 'node:timers/promises';
import type { Blob, BlobFolder } from './blob-folder.ts';
import type { Download } from './operation.ts';

/** The memory of a download. */
const BUFFER_BYTES = 512 * 1024;

/** Streams the bytes of a range, blob after blob. Ends early, without error, when the client goes away. */
export async function sendDownload(
  response: ServerResponse,
  blobs: BlobFolder,
  download: Download,
): Promise<void> {
  const sender = new Sender(response);
  let blobStart = 0;
  for (const blob of download.blobs) {
    const first = Math.max(download.range.first - blobStart, 0);
    const last = Math.min(download.range.last - blobStart, blob.size - 1);
    blobStart += blob.size;
    if (first > last) continue;
    const file = await blobs.openForReading(blob);
    try {
      await sendSlice(sender, file, { blob, first, last });
    } finally {
      await file.close();
    }
    if (response.destroyed) return;
  }
  await sender.sent();
}

/**
 * Reads synchronously: the bytes are nearly always in the page cache, where a copy takes less CPU than handing the
 * read to a thread and waking up for it. After each buffer the other requests have their turn.
 */
async function sendSlice(
  sender: Sender,
  file: FileHandle,
  slice: { readonly blob: Blob; readonly first: number; readonly last: number },
): Promise<void> {
  let position = slice.first;
  while (position <= slice.last && !sender.gone) {
    const buffer = await sender.freeBuffer();
    const wanted = Math.min(buffer.length, slice.last - position + 1);
    const bytesRead = readSync(file.fd, buffer, 0, wanted, position);
    // The length was promised in the head; only a broken connection can still tell the client.
    if (bytesRead === 0) throw new Error(`The blob ${slice.blob.name} is shorter than its entry.`);
    position += bytesRead;
    sender.send(buffer.subarray(0, bytesRead));
    await setImmediate();
  }
}

/** Sends one buffer again and again, refilled when it has left: the socket holds enough to stay busy meanwhile. */
class Sender {
  readonly #response: ServerResponse;
  readonly #closed: Promise<void>;
  readonly #buffer = Buffer.allocUnsafeSlow(BUFFER_BYTES);
  #sending: Promise<void> = Promise.resolve();

  constructor(response: ServerResponse) {
    this.#response = response;
    this.#closed = new Promise((resolve) => {
      if (response.destroyed) resolve();
      else response.once('close', () => resolve());
    });
  }

  get gone(): boolean {
    return this.#response.destroyed;
  }

  /** The buffer, when it is not being sent. */
  async freeBuffer(): Promise<Buffer> {
    await this.#sending;
    return this.#buffer;
  }

  send(bytes: Buffer): void {
    if (this.gone) return;
    const written = new Promise<void>((resolve) => {
      this.#response.write(bytes, () => resolve());
    });
    // A response whose socket broke may never call back.
    this.#sending = Promise.race([written, this.#closed]);
  }

  async sent(): Promise<void> {
    await this.#sending;
  }
}
