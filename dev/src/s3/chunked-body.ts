import { createHash, type Hash } from 'node:crypto';
import type { Authentication } from './authentication.ts';
import { S3Error } from './s3-error.ts';
import { sameSignature, sha256Hex, signLines } from './signature.ts';

export interface ChunkedBodyOptions {
  /** Present when every chunk carries a signature that continues the one of the request. */
  readonly signed?: Authentication;
  /** Whether header lines may follow the last chunk. */
  readonly trailers: boolean;
}

type State = 'size' | 'data' | 'data-end' | 'trailer' | 'done';

const LF = 0x0a;
const CR = 0x0d;
const MAX_LINE_BYTES = 4096;
const MAX_TRAILER_LINES = 16;
const EMPTY_SHA256 = sha256Hex('');
const TRAILER_SIGNATURE = 'x-amz-trailer-signature';

/**
 * Takes the `aws-chunked` framing off a body, bytes in any slicing: `<hex size>[;chunk-signature=…]CRLF
 * data CRLF … 0[;…]CRLF [trailers] CRLF`. Payload is handed on before its chunk's signature can be
 * checked, so nothing may be kept of it until `finish()` has returned.
 */
export class ChunkedBodyDecoder {
  readonly #options: ChunkedBodyOptions;
  readonly #trailers = new Map<string, string>();
  #state: State = 'size';
  #line: Buffer[] = [];
  #lineBytes = 0;
  #left = 0;
  #previousSignature: string;
  #chunkSignature = '';
  #chunkHash: Hash | undefined;
  #trailerSigned = false;

  constructor(options: ChunkedBodyOptions) {
    this.#options = options;
    this.#previousSignature = options.signed?.signature ?? '';
  }

  /** Decodes further bytes; the returned payload slices share memory with them. */
  push(bytes: Buffer): Buffer[] {
    const payload: Buffer[] = [];
    let at = 0;
    while (at < bytes.length) {
      if (this.#state === 'done') throw malformed('It goes on after its end.');
      if (this.#state === 'data') {
        const slice = bytes.subarray(at, at + this.#left);
        at += slice.length;
        this.#left -= slice.length;
        this.#chunkHash?.update(slice);
        payload.push(slice);
        if (this.#left === 0) this.#state = 'data-end';
      } else {
        at = this.#takeLine(bytes, at);
      }
    }
    return payload;
  }

  /** Call at the end of the body: the trailers, names in lower case. Throws when the body ended early. */
  finish(): ReadonlyMap<string, string> {
    if (this.#state !== 'done') throw new S3Error('IncompleteBody');
    return this.#trailers;
  }

  #takeLine(bytes: Buffer, from: number): number {
    const lf = bytes.indexOf(LF, from);
    const end = lf < 0 ? bytes.length : lf + 1;
    this.#lineBytes += end - from;
    if (this.#lineBytes > MAX_LINE_BYTES) throw malformed('A line of its framing is too long.');
    // A copy: the caller may reuse the memory before the rest of the line arrives.
    this.#line.push(Buffer.from(bytes.subarray(from, end)));
    if (lf < 0) return end;
    const line = Buffer.concat(this.#line);
    this.#line = [];
    this.#lineBytes = 0;
    const cr = line.length > 1 && line[line.length - 2] === CR;
    this.#endOfLine(line.toString('latin1', 0, line.length - (cr ? 2 : 1)));
    return end;
  }

  #endOfLine(line: string): void {
    if (this.#state === 'size') this.#startChunk(line);
    else if (this.#state === 'data-end') {
      if (line !== '') throw malformed('A chunk is longer than its size says.');
      this.#verifyChunk();
      this.#state = 'size';
    } else this.#trailerLine(line);
  }

  #startChunk(line: string): void {
    const match = /^([0-9a-fA-F]{1,8})((?:;[^;]*)*)$/.exec(line);
    if (!match) throw malformed('A chunk does not begin with its size.');
    this.#left = Number.parseInt(match[1] ?? '', 16);
    if (this.#options.signed) {
      this.#chunkSignature = /;chunk-signature=([0-9a-f]{64})$/.exec(line)?.[1] ?? '';
      this.#chunkHash = createHash('sha256');
    }
    if (this.#left > 0) {
      this.#state = 'data';
    } else {
      this.#verifyChunk();
      this.#state = 'trailer';
    }
  }

  #verifyChunk(): void {
    const { signed } = this.#options;
    if (!signed || !this.#chunkHash) return;
    const expected = signLines(signed.signingKey, [
      'AWS4-HMAC-SHA256-PAYLOAD',
      signed.amzDate,
      signed.scope,
      this.#previousSignature,
      EMPTY_SHA256,
      this.#chunkHash.digest('hex'),
    ]);
    if (!sameSignature(expected, this.#chunkSignature)) throw new S3Error('SignatureDoesNotMatch');
    this.#previousSignature = expected;
    this.#chunkHash = undefined;
  }

  #trailerLine(line: string): void {
    const signed = this.#options.signed !== undefined && this.#options.trailers;
    if (line === '') {
      // Some clients put an empty line between the trailers and their signature.
      if (signed && !this.#trailerSigned && this.#trailers.size > 0) return;
      if (signed && !this.#trailerSigned) throw new S3Error('SignatureDoesNotMatch');
      this.#state = 'done';
      return;
    }
    const colon = line.indexOf(':');
    const full = this.#trailerSigned || this.#trailers.size >= MAX_TRAILER_LINES;
    if (!this.#options.trailers || colon < 1 || full) throw new S3Error('MalformedTrailerError');
    const name = line.slice(0, colon).trim().toLowerCase();
    const value = line.slice(colon + 1).trim();
    if (name === TRAILER_SIGNATURE) this.#verifyTrailers(value);
    else if (this.#trailers.has(name)) throw new S3Error('MalformedTrailerError');
    else this.#trailers.set(name, value);
  }

  #verifyTrailers(signature: string): void {
    const { signed } = this.#options;
    if (!signed) throw new S3Error('MalformedTrailerError');
    const lines = [...this.#trailers].map(([name, value]) => `${name}:${value}\n`).sort();
    const expected = signLines(signed.signingKey, [
      'AWS4-HMAC-SHA256-TRAILER',
      signed.amzDate,
      signed.scope,
      this.#previousSignature,
      sha256Hex(lines.join('')),
    ]);
    if (!sameSignature(expected, signature)) throw new S3Error('SignatureDoesNotMatch');
    this.#trailerSigned = true;
  }
}

function malformed(why: string): S3Error {
  return new S3Error('InvalidRequest', `The aws-chunked body is malformed. ${why}`);
}
