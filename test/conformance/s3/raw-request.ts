import { createHash, createHmac } from 'node:crypto';
import { request } from 'node:http';
import type { S3Account } from './server-under-test.ts';

/**
 * Requests signed by hand, for what the SDK cannot be made to send: wrong hashes, wrong dates,
 * signed chunks. The signing is written anew here, from AWS's description, so that a mistake of the
 * server's own code is not repeated by its judge.
 */

export interface RawRequest {
  readonly method: string;
  /** Percent-encoded as it goes over the wire, with the query, parameters sorted. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Buffer;
  /** Send only so many bytes of the body and wait for the answer; default all. */
  readonly sentBytes?: number;
  /** Value of x-amz-content-sha256; default the true hash of the body. */
  readonly payloadHash?: string;
  /** Default: the real ones of the connection, and now. */
  readonly sign?: {
    readonly secretKey?: string;
    readonly accessKey?: string;
    readonly region?: string;
    readonly service?: string;
    readonly date?: Date;
  };
  /** Makes the body once the signature of the head is known, as signed chunks need it. */
  readonly bodyFor?: (seal: Seal) => Buffer;
}

export interface RawAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
  /** Code of an XML error, '' when there is none. */
  readonly code: string;
}

/** What chunk signatures continue. */
export interface Seal {
  readonly key: Buffer;
  readonly amzDate: string;
  readonly scope: string;
  readonly signature: string;
}

const sha256 = (data: string | Buffer): string => createHash('sha256').update(data).digest('hex');
const hmac = (key: Buffer | string, text: string): Buffer =>
  createHmac('sha256', key).update(text).digest();

/** Signs all headers that are given, and sends. */
export async function sendSigned(to: S3Account, raw: RawRequest): Promise<RawAnswer> {
  const url = new URL(to.endpoint);
  const body = raw.body ?? Buffer.alloc(0);
  const amzDate = (raw.sign?.date ?? new Date()).toISOString().replace(/[-:]|\.\d{3}/g, '');
  const headers: Record<string, string> = {
    ...raw.headers,
    host: url.host,
    'x-amz-content-sha256': raw.payloadHash ?? sha256(body),
    'x-amz-date': amzDate,
  };
  const seal = signHead(to, raw, headers);
  const { accessKey = to.accessKey } = raw.sign ?? {};
  headers.authorization =
    `AWS4-HMAC-SHA256 Credential=${accessKey}/${seal.scope}, ` +
    `SignedHeaders=${signedNames(headers)}, Signature=${seal.signature}`;
  return send(url, { ...raw, headers, body: raw.bodyFor?.(seal) ?? body });
}

function signedNames(headers: Readonly<Record<string, string>>): string {
  return Object.keys(headers).sort().join(';');
}

function signHead(to: S3Account, raw: RawRequest, headers: Readonly<Record<string, string>>): Seal {
  const { secretKey = to.secretKey, region = to.region, service = 's3' } = raw.sign ?? {};
  const [path = '', query = ''] = raw.path.split('?');
  const canonicalHeaders = Object.keys(headers)
    .sort()
    .map((name) => `${name}:${headers[name]}\n`)
    .join('');
  const canonical = [
    raw.method,
    path,
    query?.replace(/(^|&)([^=&]+)(?=&|$)/g, '$1$2='),
    canonicalHeaders,
    signedNames(headers),
    headers['x-amz-content-sha256'],
  ].join('\n');
  const amzDate = headers['x-amz-date'] ?? '';
  const day = amzDate.slice(0, 8);
  const scope = `${day}/${region}/${service}/aws4_request`;
  const key = [region, service, 'aws4_request'].reduce(hmac, hmac(`AWS4${secretKey}`, day));
  const toSign = ['AWS4-HMAC-SHA256', amzDate, scope, sha256(canonical)].join('\n');
  return { key, amzDate, scope, signature: hmac(key, toSign).toString('hex') };
}

/** Sends as it is, unsigned. */
export function send(url: URL, raw: RawRequest): Promise<RawAnswer> {
  return new Promise((resolve, reject) => {
    const body = raw.body ?? Buffer.alloc(0);
    const outgoing = request({
      host: url.hostname,
      port: url.port,
      method: raw.method,
      path: raw.path,
      headers: { 'content-length': body.length, ...raw.headers },
      agent: false,
    });
    outgoing.once('error', reject);
    outgoing.once('response', (response) => {
      const pieces: Buffer[] = [];
      response.on('data', (piece: Buffer) => pieces.push(piece));
      response.once('error', reject);
      response.once('end', () => {
        const text = Buffer.concat(pieces).toString('utf8');
        outgoing.destroy();
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          body: text,
          code: /<Code>([^<]*)<\/Code>/.exec(text)?.[1] ?? '',
        });
      });
    });
    if (raw.sentBytes === undefined) outgoing.end(body);
    else outgoing.write(body.subarray(0, raw.sentBytes));
  });
}

/** Which bytes of a chunked body to falsify. */
export type Forgery = 'data' | 'signature' | 'order' | 'none';

/** The signed chunks of STREAMING-AWS4-HMAC-SHA256-PAYLOAD. */
export function signedChunks(seal: Seal, chunks: readonly Buffer[], forgery: Forgery): Buffer {
  let previous = seal.signature;
  const framed = [...chunks, Buffer.alloc(0)].map((chunk, index) => {
    const toSign = [
      'AWS4-HMAC-SHA256-PAYLOAD',
      seal.amzDate,
      seal.scope,
      previous,
      sha256(''),
      sha256(chunk),
    ].join('\n');
    previous = hmac(seal.key, toSign).toString('hex');
    const target = index === 1;
    const signature =
      target && forgery === 'signature'
        ? previous.replace(/^./, (c) => (c === '0' ? '1' : '0'))
        : previous;
    const data = Buffer.from(chunk);
    if (target && forgery === 'data') data[0] = (data[0] ?? 0) ^ 1;
    const head = `${data.length.toString(16)};chunk-signature=${signature}\r\n`;
    return Buffer.concat([Buffer.from(head), data, Buffer.from('\r\n')]);
  });
  const [first, second] = framed;
  if (forgery === 'order' && first && second) framed.splice(0, 2, second, first);
  return Buffer.concat(framed);
}
