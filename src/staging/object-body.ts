import { addAbortSignal, Readable } from 'node:stream';
import type { GetObjectCommand } from '@aws-sdk/client-s3';
import { RelytError } from '../errors.ts';

export interface ObjectBodyOptions {
  /** Bytes that the server announced. */
  readonly length: number;
  readonly signal?: AbortSignal | undefined;
  /** Longest wait for the next bytes. The time the reader takes does not count. */
  readonly silenceMs: number;
  /** Makes the error of whatever broke the transfer. */
  readonly failed: (error: unknown) => RelytError;
}

/**
 * The bytes of a downloaded object. It ends only after exactly as many bytes as the server announced: a connection
 * that breaks off must not pass for the end of the object. Leaving the loop early closes the connection.
 */
export async function* readObjectBody(
  body: Readable,
  options: ObjectBodyOptions,
): AsyncGenerator<Buffer, void, undefined> {
  const { length, signal, silenceMs, failed } = options;
  const onSilence = () => body.destroy(new SilentBodyError(silenceMs));
  if (signal !== undefined) addAbortSignal(signal, body);
  const chunks: AsyncIterator<unknown> = body[Symbol.asyncIterator]();
  let received = 0;
  try {
    for (;;) {
      const silence = setTimeout(onSilence, silenceMs);
      const next = await chunks.next().finally(() => clearTimeout(silence));
      if (next.done) break;
      const chunk = asBuffer(next.value);
      received += chunk.length;
      yield chunk;
    }
  } catch (error) {
    throw failed(error);
  } finally {
    body.destroy();
  }
  if (received !== length) throw failed(new ShortBodyError(received, length));
}

/**
 * Google decompresses a gzip object on the way to a client that does not say it takes gzip. It also changes that
 * header on the way to its signature check, so the header must not be signed: it is added after the signature.
 */
export function askForStoredBytes(command: GetObjectCommand): void {
  command.middlewareStack.add(
    (next) => async (args) => {
      const { request } = args;
      if (isHttpRequest(request)) request.headers['accept-encoding'] = 'gzip';
      return await next(args);
    },
    { step: 'deserialize', priority: 'low', name: 'askForStoredBytes' },
  );
}

function isHttpRequest(request: unknown): request is { headers: Record<string, string> } {
  return typeof request === 'object' && request !== null && 'headers' in request;
}

/** The stream in what the SDK answers; its type also allows for browsers. */
export function asReadable(body: unknown): Readable {
  if (body instanceof Readable) return body;
  throw new RelytError('INTERNAL', 'The AWS SDK answered GetObject without a Node.js stream.');
}

/** Its name is the one the SDK gives to connections that fall silent. */
class SilentBodyError extends Error {
  override readonly name = 'TimeoutError';

  constructor(silenceMs: number) {
    super(`no byte of the object came within ${silenceMs} ms`);
  }
}

class ShortBodyError extends Error {
  override readonly name = 'ShortBody';

  constructor(received: number, announced: number) {
    super(`the object ended after ${received} of ${announced} bytes`);
  }
}

function asBuffer(chunk: unknown): Buffer {
  if (Buffer.isBuffer(chunk)) return chunk;
  throw new RelytError('INTERNAL', 'A body of S3 came as text.');
}
