import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Authentication } from '../../../src/s3/authentication.ts';
import { ChunkedBodyDecoder } from '../../../src/s3/chunked-body.ts';
import { S3Error } from '../../../src/s3/s3-error.ts';
import { scopeText, signingKey } from '../../../src/s3/signature.ts';
import { AWS_EXAMPLE } from './signed-request.ts';

const SCOPE = { day: '20130524', region: 'us-east-1', service: 's3' };

/** The seed of AWS's example: docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html */
function seed(signature: string): Authentication {
  return {
    payloadHash: 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD',
    signature,
    signingKey: signingKey(AWS_EXAMPLE.secretKey, SCOPE),
    amzDate: '20130524T000000Z',
    scope: scopeText(SCOPE),
  };
}

const SIGNED = seed('4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9');
const SIGNED_CHUNKS = [
  ['a'.repeat(65_536), 'ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648'],
  ['a'.repeat(1024), '0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497'],
  ['', 'b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9'],
] as const;

const TRAILER_SIGNED = seed('106e2a8a18243abcf37539882f36619c00e2dfc72633413f02d3b74544bfeb8e');
const TRAILER_CHUNKS = [
  ['a'.repeat(65_536), 'b474d8862b1487a5145d686f57f013e54db672cee1c953b3010fb58501ef5aa2'],
  ['a'.repeat(1024), '1c1344b170168f8e65b41376b44b20fe354e373826ccbbe2c1d40a8cae51e5c7'],
  ['', '2ca2aba2005185cf7159c6277faf83795951dd77a3a99e6e65d5c9f85863f992'],
] as const;
const TRAILER_SIGNATURE = 'd81f82fc3505edab99d459891051a732e8730629a2e4a59689829ca17fe2e435';

function framed(chunks: readonly (readonly [data: string, signature: string])[]): string {
  return chunks
    .map(([data, signature]) => {
      const head = `${data.length.toString(16)};chunk-signature=${signature}\r\n`;
      return data === '' ? head : `${head}${data}\r\n`;
    })
    .join('');
}

function decode(
  decoder: ChunkedBodyDecoder,
  pieces: readonly (string | Buffer)[],
): { text: string; trailers: Record<string, string> } | string {
  try {
    const payload = pieces.flatMap((piece) => decoder.push(Buffer.from(piece)));
    return {
      text: Buffer.concat(payload).toString('latin1'),
      trailers: Object.fromEntries(decoder.finish()),
    };
  } catch (error) {
    if (!(error instanceof S3Error)) throw error;
    return error.code;
  }
}

const withTrailer = (): ChunkedBodyDecoder => new ChunkedBodyDecoder({ trailers: true });
const signed = (): ChunkedBodyDecoder =>
  new ChunkedBodyDecoder({ signed: SIGNED, trailers: false });
const trailerSigned = (): ChunkedBodyDecoder =>
  new ChunkedBodyDecoder({ signed: TRAILER_SIGNED, trailers: true });

describe("AWS's published example of signed chunks", () => {
  const body = `${framed(SIGNED_CHUNKS)}\r\n`;

  it('is accepted, and is as long as AWS says', () => {
    expect(body.length).toBe(66_824);
    expect(decode(signed(), [body])).toEqual({ text: 'a'.repeat(66_560), trailers: {} });
  });

  it('is accepted byte by byte', () => {
    expect(decode(signed(), [...body])).toMatchObject({ text: 'a'.repeat(66_560) });
  });

  it.each([
    ['a changed byte', body.replace('aaa', 'aab'), 'SignatureDoesNotMatch'],
    [
      'a changed byte of the second chunk',
      body.replace('a\r\n0;', 'b\r\n0;'),
      'SignatureDoesNotMatch',
    ],
    [
      'a missing chunk',
      `${framed([SIGNED_CHUNKS[0], SIGNED_CHUNKS[2]])}\r\n`,
      'SignatureDoesNotMatch',
    ],
    [
      'chunks swapped',
      `${framed([SIGNED_CHUNKS[1], SIGNED_CHUNKS[0], SIGNED_CHUNKS[2]])}\r\n`,
      'SignatureDoesNotMatch',
    ],
    [
      'an early end',
      `${framed([SIGNED_CHUNKS[0], ['', SIGNED_CHUNKS[2][1]]])}\r\n`,
      'SignatureDoesNotMatch',
    ],
    ['no last chunk', framed(SIGNED_CHUNKS.slice(0, 2)), 'IncompleteBody'],
    ['no chunk signature', body.replace(/;chunk-signature=\w+/, ''), 'SignatureDoesNotMatch'],
    [
      'an unsigned trailer',
      `${framed(SIGNED_CHUNKS)}x-amz-meta-a: b\r\n\r\n`,
      'MalformedTrailerError',
    ],
    ['bytes after the end', `${body}more`, 'InvalidRequest'],
  ])('is refused with %s', (_, forged, code) => {
    expect(decode(signed(), [forged])).toBe(code);
  });
});

describe("AWS's published example of a signed trailer", () => {
  const checksum = 'x-amz-checksum-crc32c:sOO8/Q==';
  const signature = `x-amz-trailer-signature:${TRAILER_SIGNATURE}`;
  const start = framed(TRAILER_CHUNKS);
  const trailers = { 'x-amz-checksum-crc32c': 'sOO8/Q==' };

  it.each([
    ['with CRLF', `${checksum}\r\n${signature}\r\n\r\n`],
    ['with a bare LF and an empty line between', `${checksum}\n\r\n${signature}\r\n\r\n`],
  ])('is accepted %s', (_, end) => {
    expect(decode(trailerSigned(), [start + end])).toEqual({ text: 'a'.repeat(66_560), trailers });
  });

  it.each([
    [
      'another checksum',
      `x-amz-checksum-crc32c:AAAAAA==\r\n${signature}\r\n\r\n`,
      'SignatureDoesNotMatch',
    ],
    [
      'a further trailer',
      `${checksum}\r\nx-amz-meta-a:b\r\n${signature}\r\n\r\n`,
      'SignatureDoesNotMatch',
    ],
    [
      'a trailer after the signature',
      `${checksum}\r\n${signature}\r\nx-a:b\r\n\r\n`,
      'MalformedTrailerError',
    ],
    ['no trailer at all', '\r\n', 'SignatureDoesNotMatch'],
    ['no trailer signature', `${checksum}\r\n\r\n`, 'IncompleteBody'],
  ])('is refused with %s', (_, end, code) => {
    expect(decode(trailerSigned(), [start + end])).toBe(code);
  });
});

describe('unsigned chunks', () => {
  it('give the same payload however the bytes are cut', () => {
    const bytes = fc.uint8Array({ maxLength: 300 }).map((a) => Buffer.from(a));
    fc.assert(
      fc.property(fc.array(bytes), fc.array(fc.nat(400)), (chunks, cuts) => {
        const full = chunks.filter((chunk) => chunk.length > 0);
        const body = Buffer.concat([
          ...full.flatMap((c) => [
            Buffer.from(`${c.length.toString(16)}\r\n`),
            c,
            Buffer.from('\r\n'),
          ]),
          Buffer.from('0\r\nx-amz-checksum-crc32: abc=\r\n\r\n'),
        ]);
        const pieces: Buffer[] = [];
        let at = 0;
        for (const cut of cuts) {
          pieces.push(body.subarray(at, at + cut));
          at += cut;
        }
        pieces.push(body.subarray(at));
        const trailers = { 'x-amz-checksum-crc32': 'abc=' };
        const text = Buffer.concat(full).toString('latin1');
        expect(decode(withTrailer(), pieces)).toEqual({ text, trailers });
      }),
    );
  });

  it.each([
    ['nothing', '', 'IncompleteBody'],
    ['half a chunk', '5\r\nabc', 'IncompleteBody'],
    ['no end', '3\r\nabc\r\n', 'IncompleteBody'],
    ['no last line', '3\r\nabc\r\n0\r\n', 'IncompleteBody'],
    ['a chunk longer than its size', '3\r\nabcd\r\n0\r\n\r\n', 'InvalidRequest'],
    ['a size that is no number', 'xyz\r\nabc\r\n0\r\n\r\n', 'InvalidRequest'],
    ['a negative size', '-3\r\nabc\r\n0\r\n\r\n', 'InvalidRequest'],
    ['a size beyond 32 bits', 'fffffffff\r\nabc', 'InvalidRequest'],
    ['an endless size line', '0'.repeat(5000), 'InvalidRequest'],
    ['an endless trailer', `0\r\nx: ${'y'.repeat(5000)}`, 'InvalidRequest'],
    [
      'endless trailers',
      `0\r\n${Array.from({ length: 20 }, (_, i) => `x${i}: y\r\n`).join('')}\r\n`,
      'MalformedTrailerError',
    ],
    ['the same trailer twice', '0\r\nx: y\r\nX: z\r\n\r\n', 'MalformedTrailerError'],
    ['a trailer without a name', '0\r\n: y\r\n\r\n', 'MalformedTrailerError'],
    [
      'a signature nobody can check',
      '0\r\nx-amz-trailer-signature: y\r\n\r\n',
      'MalformedTrailerError',
    ],
  ])('are refused with %s', (_, body, code) => {
    expect(decode(withTrailer(), [body])).toBe(code);
  });
});
