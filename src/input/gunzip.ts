/** Gzip of one or more members as a stream, strict about its end: cut off or followed by anything but zeros is an error. */
import { createGunzip, type Gunzip } from 'node:zlib';
import { RelytError } from '../errors.ts';

const OUTPUT_BYTES = 64 * 1024;

/** Gzip files begin with these two bytes; no UTF-8 text does. */
export function isGzip(head: Uint8Array): boolean {
  return head[0] === 0x1f && head[1] === 0x8b;
}

/**
 * Decompresses. After an early end of the iteration at most one more chunk is read.
 * @throws RelytError INPUT_MALFORMED
 */
export async function* gunzip(
  compressed: AsyncIterable<Buffer>,
  name: string,
): AsyncGenerator<Buffer> {
  const engine = createGunzip({ chunkSize: OUTPUT_BYTES });
  const consumer = { left: false };
  const feeding = feed(compressed, engine, consumer);
  // A failure of the source reaches the consumer through the engine.
  feeding.catch((error) => engine.destroy(error));
  let ended = false;
  try {
    yield* engine;
    ended = true;
  } catch (error) {
    throw isZlibError(error) ? damaged(error, name) : error;
  } finally {
    consumer.left = !ended;
  }
  // Zeros may pad the end. zlib stops at the first one and ignores what follows: that would be lost silently.
  const dataEnd = await feeding;
  if (dataEnd > engine.bytesWritten) throw trailingData(engine.bytesWritten, name);
}

/** Writes everything into the engine; to the end, also when the engine wants no more. Gives the end of the last byte that is not zero. */
async function feed(
  compressed: AsyncIterable<Buffer>,
  engine: Gunzip,
  consumer: { readonly left: boolean },
): Promise<number> {
  let read = 0;
  let dataEnd = 0;
  for await (const chunk of compressed) {
    if (consumer.left) break;
    const length = lengthWithoutZeros(chunk);
    if (length > 0) dataEnd = read + length;
    read += chunk.length;
    if (!engine.destroyed && !engine.write(chunk)) await drainedOrClosed(engine);
  }
  engine.end();
  return dataEnd;
}

function lengthWithoutZeros(bytes: Buffer): number {
  let length = bytes.length;
  while (length > 0 && bytes[length - 1] === 0) length--;
  return length;
}

function drainedOrClosed(engine: Gunzip): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      engine.off('drain', done);
      engine.off('close', done);
      resolve();
    };
    engine.on('drain', done);
    engine.on('close', done);
  });
}

function isZlibError(error: unknown): error is Error & { code: string } {
  return error instanceof Error && 'code' in error && String(error.code).startsWith('Z_');
}

function damaged(error: Error & { code: string }, name: string): RelytError {
  const problem = error.code === 'Z_BUF_ERROR' ? 'ends too early' : `is damaged (${error.message})`;
  return new RelytError('INPUT_MALFORMED', `The gzip data of ${name} ${problem}.`, {
    hint: 'Check it with `gzip -t`, and make or copy the file again.',
    cause: error,
  });
}

function trailingData(offset: number, name: string): RelytError {
  const message = `The gzip data of ${name} ends at byte ${offset}, but other data follow.`;
  return new RelytError('INPUT_MALFORMED', message, {
    hint: 'Remove what follows, or decompress the file first.',
  });
}
