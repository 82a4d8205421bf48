import { crc32 } from 'node:zlib';
import { sentence } from '../core/sentence.ts';
import { bytesDifference, type SeenBytes, type StagedBytes } from '../core/staged-bytes.ts';
import { RelytError } from '../errors.ts';
import type { StagedObject, StagedReader } from './engine.ts';

/**
 * The bytes of a staged object as they are stored. They end only after all of them were those that were staged.
 * @throws RelytError STAGED_FILE_LOST, STAGED_FILE_CHANGED, S3_DOWNLOAD_FAILED (what came was something else), S3_…
 */
export async function readStaged(
  objects: Pick<StagedReader, 'readObject'>,
  file: StagedObject,
  signal: AbortSignal,
): Promise<AsyncIterable<Buffer>> {
  const bytes = await openStaged(objects, file, signal);
  // Bytes that never left this process are not summed up.
  return file.stored === undefined ? bytes : verified(bytes, file.key, file.stored);
}

/** Reads a staged object to its end, and says what came. @throws RelytError STAGED_FILE_LOST, STAGED_FILE_CHANGED, S3_… */
export async function bytesThatCome(
  objects: Pick<StagedReader, 'readObject'>,
  file: StagedObject,
  signal: AbortSignal,
): Promise<SeenBytes> {
  const chunks = summed(await openStaged(objects, file, signal));
  for (;;) {
    const chunk = await chunks.next();
    if (chunk.done) return chunk.value;
  }
}

function openStaged(
  objects: Pick<StagedReader, 'readObject'>,
  { key, stored }: StagedObject,
  signal: AbortSignal,
): Promise<AsyncIterable<Buffer>> {
  return objects.readObject(key, { signal, etag: stored?.etag }).catch((error: unknown) => {
    throw explained(error, key);
  });
}

async function* verified(
  bytes: AsyncIterable<Buffer>,
  key: string,
  stored: StagedBytes,
): AsyncGenerator<Buffer> {
  const came = yield* summed(bytes);
  const difference = bytesDifference(stored, came);
  if (difference !== undefined) throw damaged(key, `the data received ${difference}`);
}

/** Passes the bytes on, and returns what came in all. */
async function* summed(bytes: AsyncIterable<Buffer>): AsyncGenerator<Buffer, SeenBytes> {
  let size = 0;
  let sum = 0;
  for await (const chunk of bytes) {
    size += chunk.length;
    sum = crc32(chunk, sum);
    yield chunk;
  }
  return { size, crc32: sum };
}

/** What was read is not what was staged, whatever S3 holds: another download may be better. */
export function damaged(key: string, difference: string, cause?: unknown): RelytError {
  return new RelytError(
    'S3_DOWNLOAD_FAILED',
    sentence(`The download of ${key} is not the file that was staged: ${difference}`),
    { hint: DAMAGED_HINT, ...(cause === undefined ? {} : { cause }) },
  );
}

const DAMAGED_HINT =
  'Look for caches and error pages on the way to S3: S3, or a proxy, answers with other bytes than it was given.';

/** What is gone, or another object by now, does not come back however often it is asked for. */
function explained(error: unknown, key: string): unknown {
  if (!(error instanceof RelytError)) return error;
  const { message, details } = error;
  if (details.s3Error === 'NoSuchKey')
    return new RelytError('STAGED_FILE_LOST', message, { details, cause: error });
  if (details.s3Error === 'PreconditionFailed' || details.s3Error === 'HTTP 412')
    return changed(key, 'has another ETag', error);
  return error;
}

/** @param difference completes "it …" */
export function changed(key: string, difference: string, cause?: unknown): RelytError {
  return new RelytError(
    'STAGED_FILE_CHANGED',
    `${key} is not the file that was staged: it ${difference}.`,
    cause === undefined ? {} : { cause },
  );
}
