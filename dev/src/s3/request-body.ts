import { createHash, type Hash } from 'node:crypto';
import type { Readable } from 'node:stream';
import type { Authentication } from './authentication.ts';
import {
  type Checksum,
  type ChecksumRun,
  checksumHeader,
  type DeclaredChecksum,
  declaredChecksum,
  startChecksum,
  trailerNames,
} from './checksum.ts';
import { eachChunk } from './chunk-flow.ts';
import { ChunkedBodyDecoder } from './chunked-body.ts';
import type { RequestHead } from './request-head.ts';
import { S3Error } from './s3-error.ts';
import { UNSIGNED_PAYLOAD } from './signature.ts';

/** What a verified body turned out to be. */
export interface BodyReceipt {
  readonly size: number;
  /** Hex. */
  readonly sha256: string;
  readonly checksum?: Checksum;
}

/** Takes the payload in order; a returned promise slows the sender down. */
export type BodySink = (payload: Buffer) => void | Promise<void>;

/** Everything the head of a request promises about its body. */
export interface BodyPromise {
  readonly decoder?: ChunkedBodyDecoder;
  /** Bytes of payload, framing not counted. */
  readonly size: number;
  readonly sha256?: string;
  readonly md5?: string;
  readonly checksum?: DeclaredChecksum;
  readonly trailers: readonly string[];
}

/** The most that one PutObject or UploadPart may carry, as on AWS: 5 GiB. */
const MAX_BODY_BYTES = 5 * 1024 ** 3;

export function readBodyPromise(head: RequestHead, authentication: Authentication): BodyPromise {
  const { headers } = head;
  const { payloadHash } = authentication;
  const decoder = chunkedDecoder(payloadHash, authentication);
  const sha256 = decoder || payloadHash === UNSIGNED_PAYLOAD ? undefined : payloadHash;
  if (sha256 !== undefined && !/^[0-9a-f]{64}$/.test(sha256)) {
    throw new S3Error(
      'InvalidArgument',
      'x-amz-content-sha256 must be UNSIGNED-PAYLOAD, STREAMING-AWS4-HMAC-SHA256-PAYLOAD[-TRAILER], STREAMING-UNSIGNED-PAYLOAD-TRAILER, or a valid sha256 value.',
    );
  }
  const md5 = headers.get('content-md5');
  if (md5 !== undefined && Buffer.from(md5, 'base64').length !== 16) {
    throw new S3Error('InvalidDigest', undefined, { 'Content-MD5': md5 });
  }
  const checksum = declaredChecksum(headers);
  return {
    size: declaredSize(headers, decoder !== undefined),
    trailers: trailerNames(headers),
    ...(decoder && { decoder }),
    ...(sha256 !== undefined && { sha256 }),
    ...(md5 !== undefined && { md5 }),
    ...(checksum && { checksum }),
  };
}

function chunkedDecoder(
  payloadHash: string,
  authentication: Authentication,
): ChunkedBodyDecoder | undefined {
  switch (payloadHash) {
    case 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD':
      return new ChunkedBodyDecoder({ signed: authentication, trailers: false });
    case 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER':
      return new ChunkedBodyDecoder({ signed: authentication, trailers: true });
    case 'STREAMING-UNSIGNED-PAYLOAD-TRAILER':
      return new ChunkedBodyDecoder({ trailers: true });
    default:
      return undefined;
  }
}

function declaredSize(headers: ReadonlyMap<string, string>, chunked: boolean): number {
  const text = headers.get(chunked ? 'x-amz-decoded-content-length' : 'content-length');
  if (text === undefined || !/^\d+$/.test(text)) throw new S3Error('MissingContentLength');
  const size = Number(text);
  if (size > MAX_BODY_BYTES) {
    throw new S3Error('EntityTooLarge', undefined, {
      ProposedSize: text,
      MaxSizeAllowed: String(MAX_BODY_BYTES),
    });
  }
  return size;
}

/**
 * Hands the payload to the sink and verifies size, SHA-256, Content-MD5, checksum and chunk signatures.
 * It resolves only when all of them hold; until then nothing of the payload may be kept.
 */
export async function receiveBody(
  source: Readable,
  promise: BodyPromise,
  sink: BodySink,
): Promise<BodyReceipt> {
  const digests = new BodyDigests(promise);
  await eachChunk(source, (bytes) => {
    const busy: Promise<void>[] = [];
    for (const payload of promise.decoder?.push(bytes) ?? [bytes]) {
      digests.update(payload);
      const accepted = sink(payload);
      if (accepted) busy.push(accepted);
    }
    return busy.length > 0 ? Promise.all(busy).then(() => undefined) : undefined;
  });
  return digests.verify(promise.decoder?.finish() ?? new Map());
}

/** Measures a payload as it passes, then holds it against what was promised. */
class BodyDigests {
  readonly #promise: BodyPromise;
  // Always: it is the ETag as well. The other digests cost CPU that competes with what is measured or tested.
  readonly #sha256 = createHash('sha256');
  readonly #md5: Hash | undefined;
  /** Absent when the checksum is the SHA-256 that is computed already. */
  readonly #checksum: ChecksumRun | undefined;
  #size = 0;

  constructor(promise: BodyPromise) {
    this.#promise = promise;
    this.#md5 = promise.md5 === undefined ? undefined : createHash('md5');
    const algorithm = promise.checksum?.algorithm;
    if (algorithm && algorithm !== 'sha256') this.#checksum = startChecksum(algorithm);
  }

  update(payload: Buffer): void {
    this.#size += payload.length;
    // At once, so that a lying client cannot fill the disk.
    if (this.#size > this.#promise.size) throw new S3Error('IncompleteBody');
    this.#sha256.update(payload);
    this.#md5?.update(payload);
    this.#checksum?.update(payload);
  }

  verify(trailers: ReadonlyMap<string, string>): BodyReceipt {
    const promise = this.#promise;
    if (this.#size !== promise.size) throw new S3Error('IncompleteBody');
    checkTrailers(promise.trailers, trailers);
    const digest = this.#sha256.digest();
    const sha256 = digest.toString('hex');
    if (promise.sha256 !== undefined && sha256 !== promise.sha256) {
      throw new S3Error('XAmzContentSHA256Mismatch');
    }
    if (
      promise.md5 !== undefined &&
      !this.#md5?.digest().equals(Buffer.from(promise.md5, 'base64'))
    ) {
      throw new S3Error('BadDigest');
    }
    const receipt = { size: this.#size, sha256 };
    if (!promise.checksum) return receipt;
    const { algorithm, value } = promise.checksum;
    const checksum = { algorithm, value: this.#checksum?.value() ?? digest.toString('base64') };
    checkChecksum(checksum, value, trailers);
    return { ...receipt, checksum };
  }
}

function checkTrailers(promised: readonly string[], sent: ReadonlyMap<string, string>): void {
  const missing = promised.some((name) => !sent.has(name));
  const unannounced = [...sent.keys()].some((name) => !promised.includes(name));
  if (missing || unannounced) throw new S3Error('MalformedTrailerError');
}

function checkChecksum(
  computed: Checksum,
  inHeader: string | undefined,
  trailers: ReadonlyMap<string, string>,
): void {
  const expected = inHeader ?? trailers.get(checksumHeader(computed.algorithm));
  if (expected !== computed.value) {
    const name = computed.algorithm.toUpperCase();
    throw new S3Error(
      'BadDigest',
      `The ${name} you specified did not match the calculated checksum.`,
    );
  }
}
