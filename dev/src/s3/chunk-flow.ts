import { finished, type Readable } from 'node:stream';

/** Takes one chunk; a returned promise slows the sender down. */
export type ChunkTaker = (chunk: Buffer) => void | Promise<void>;

/**
 * Hands over every chunk of a stream in order, as it arrives: iterating would cost several promises a chunk, which
 * on uploads is more CPU than reading the socket. Rejects when the taker fails or the stream breaks. The stream is
 * left paused, not destroyed: the answer of a refused request goes through the same socket.
 */
export function eachChunk(source: Readable, take: ChunkTaker): Promise<void> {
  return new Promise((resolve, reject) => {
    let taken: Promise<void> = Promise.resolve();
    const fail = (error: unknown): void => {
      leave();
      source.pause();
      reject(error);
    };
    const onChunk = (chunk: Buffer): void => {
      try {
        const busy = take(chunk);
        if (!busy) return;
        source.pause();
        taken = busy.then(() => void source.resume());
        taken.catch(fail);
      } catch (error) {
        fail(error);
      }
    };
    const forget = finished(source, { writable: false }, (error) => {
      if (error) fail(error);
      else taken.then(resolve, reject);
    });
    const leave = (): void => {
      forget();
      source.off('data', onChunk);
    };
    source.on('data', onChunk);
  });
}
