/**
 * The server's log file. The server writes into it directly, without passing through this
 * process: nothing is lost when this process is busy, blocked or killed.
 */

import { closeSync, openSync, readSync, renameSync, statSync } from 'node:fs';
import { StringDecoder } from 'node:string_decoder';

const TAIL_LINES = 200;
const TAIL_BYTES = 64 * 1024;
const FOLLOW_INTERVAL_MS = 100;
// One older file is kept, so the logs of a data directory used for years stay below twice this.
const ROTATE_BYTES = 16 * 1024 * 1024;

export class ServerLog {
  readonly path: string;

  constructor(path: string) {
    this.path = path;
  }

  /** Bytes written so far; `tail(size)` later shows only what came after. */
  get size(): number {
    return statSync(this.path, { throwIfNoEntry: false })?.size ?? 0;
  }

  /** Opens the file for a server about to start. The caller closes the descriptor. */
  open(): number {
    if (this.size > ROTATE_BYTES) renameSync(this.path, `${this.path}.1`);
    return openSync(this.path, 'a', 0o600);
  }

  /** The last 200 lines, at most 64 KiB, of what is behind byte `from`. */
  tail(from = 0): string {
    const start = Math.max(from, this.size - TAIL_BYTES);
    const lines = this.#read(start).toString('utf8').trimEnd().split('\n');
    // A window that begins in the middle of the file begins in the middle of a line.
    if (start > from) lines.shift();
    return lines.slice(-TAIL_LINES).join('\n');
  }

  /** Calls `onLine` for every line from now on. The returned function delivers the rest and ends it. */
  follow(onLine: (line: string) => void): () => void {
    let position = this.size;
    let unfinished = '';
    const decoder = new StringDecoder('utf8');
    const deliver = (): void => {
      // Shorter than before: the file was rotated.
      if (this.size < position) position = 0;
      const bytes = this.#read(position);
      position += bytes.length;
      const lines = (unfinished + decoder.write(bytes)).split('\n');
      unfinished = lines.pop() ?? '';
      for (const line of lines) onLine(line);
    };
    const timer = setInterval(deliver, FOLLOW_INTERVAL_MS).unref();
    return () => {
      clearInterval(timer);
      deliver();
    };
  }

  #read(from: number): Buffer {
    const length = this.size - from;
    if (length <= 0) return Buffer.alloc(0);
    const bytes = Buffer.alloc(length);
    const file = openSync(this.path, 'r');
    try {
      return bytes.subarray(0, readSync(file, bytes, 0, length, from));
    } finally {
      closeSync(file);
    }
  }
}
