import type { FileHandle } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import type { Blob, BlobFolder } from './blob-folder.ts';
import type { Download } from './operation.ts';

/** Two of these are the memory of a download: one is being sent while the other is filled. */
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

async function sendSlice(
  sender: Sender,
  file: FileHandle,
  slice: { readonly blob: Blob; readonly first: number; readonly last: number },
): Promise<void> {
  let position = slice.first;
  while (position <= slice.last && !sender.gone) {
    const buffer = sender.freeBuffer();
    const wanted = Math.min(buffer.length, slice.last - position + 1);
    const { bytesRead } = await file.read(buffer, 0, wanted, position);
    // The length was promised in the head; only a broken connection can still tell the client.
    if (bytesRead === 0) throw new Error(`The blob ${slice.blob.name} is shorter than its entry.`);
    position += bytesRead;
    await sender.send(buffer.subarray(0, bytesRead));
  }
}

/** Sends one buffer while the caller fills the other. */
class Sender {
  readonly #response: ServerResponse;
  readonly #closed: Promise<void>;
  readonly #buffers = [Buffer.allocUnsafeSlow(BUFFER_BYTES), Buffer.allocUnsafeSlow(BUFFER_BYTES)];
  #turn = 0;
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

  /** The buffer that is not being sent. */
  freeBuffer(): Buffer {
    this.#turn = 1 - this.#turn;
    return this.#buffers[this.#turn] ?? Buffer.alloc(BUFFER_BYTES);
  }

  /** Waits until the buffer before has left, then hands this one over. */
  async send(bytes: Buffer): Promise<void> {
    await this.#sending;
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
