import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { readBodyPromise, receiveBody } from '../../../src/s3/request-body.ts';
import { S3Error } from '../../../src/s3/s3-error.ts';
import { requestHead } from './signed-request.ts';

const TEXT = 'some content';
const SHA256 = createHash('sha256').update(TEXT).digest('hex');
const MD5 = createHash('md5').update(TEXT).digest();
const CRC32 = 'Qx8xPw==';

function pieces(text: string): Readable {
  return Readable.from([...text].map((char) => Buffer.from(char)));
}

async function receive(
  headers: Record<string, string>,
  payloadHash: string,
  body: string,
): Promise<unknown> {
  const received: Buffer[] = [];
  try {
    const head = requestHead('PUT', '/b/k', headers);
    const authentication = {
      payloadHash,
      ...{ signature: '', signingKey: Buffer.alloc(32), amzDate: '', scope: '' },
    };
    const promise = readBodyPromise(head, authentication);
    const receipt = await receiveBody(pieces(body), promise, (bytes) => void received.push(bytes));
    return { ...receipt, text: Buffer.concat(received).toString() };
  } catch (error) {
    if (!(error instanceof S3Error)) throw error;
    return error.code;
  }
}

const LENGTH = { 'content-length': String(TEXT.length) };
const UNSIGNED = 'UNSIGNED-PAYLOAD';
const TRAILER = 'STREAMING-UNSIGNED-PAYLOAD-TRAILER';

describe('a plain body', () => {
  it('is received with its digests', async () => {
    const headers = { ...LENGTH, 'content-md5': MD5.toString('base64') };
    expect(await receive(headers, SHA256, TEXT)).toEqual({
      size: TEXT.length,
      sha256: SHA256,
      text: TEXT,
    });
  });

  it('is received with the checksum it declares', async () => {
    const headers = { ...LENGTH, 'x-amz-checksum-crc32': CRC32 };
    expect(await receive(headers, UNSIGNED, TEXT)).toMatchObject({
      checksum: { algorithm: 'crc32', value: CRC32 },
    });
  });

  it('is received with a SHA-256 as its checksum', async () => {
    const value = Buffer.from(SHA256, 'hex').toString('base64');
    const headers = { ...LENGTH, 'x-amz-checksum-sha256': value };
    expect(await receive(headers, UNSIGNED, TEXT)).toMatchObject({
      checksum: { algorithm: 'sha256', value },
    });
  });

  it.each([
    [
      'with another SHA-256 as its checksum',
      { ...LENGTH, 'x-amz-checksum-sha256': Buffer.alloc(32).toString('base64') },
      UNSIGNED,
      'BadDigest',
    ],
    ['without a length', {}, UNSIGNED, 'MissingContentLength'],
    ['with a nonsense length', { 'content-length': '1e3' }, UNSIGNED, 'MissingContentLength'],
    ['beyond 5 GiB', { 'content-length': '5368709121' }, UNSIGNED, 'EntityTooLarge'],
    ['that is too short', { 'content-length': '13' }, UNSIGNED, 'IncompleteBody'],
    ['that is too long', { 'content-length': '11' }, UNSIGNED, 'IncompleteBody'],
    ['with another SHA-256', LENGTH, SHA256.replace(/^./, 'x'), 'InvalidArgument'],
    [
      'with a changed SHA-256',
      LENGTH,
      createHash('sha256').digest('hex'),
      'XAmzContentSHA256Mismatch',
    ],
    ['of an unknown kind', LENGTH, 'STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD', 'InvalidArgument'],
    ['with a malformed MD5', { ...LENGTH, 'content-md5': 'zz' }, UNSIGNED, 'InvalidDigest'],
    [
      'with another MD5',
      { ...LENGTH, 'content-md5': Buffer.alloc(16).toString('base64') },
      UNSIGNED,
      'BadDigest',
    ],
    [
      'with another CRC32',
      { ...LENGTH, 'x-amz-checksum-crc32': 'AAAAAA==' },
      UNSIGNED,
      'BadDigest',
    ],
    [
      'with a CRC32 of the wrong size',
      { ...LENGTH, 'x-amz-checksum-crc32': 'AAAAAAA=' },
      UNSIGNED,
      'InvalidRequest',
    ],
    [
      'with two checksums',
      {
        ...LENGTH,
        'x-amz-checksum-crc32': CRC32,
        'x-amz-checksum-sha1': Buffer.alloc(20).toString('base64'),
      },
      UNSIGNED,
      'InvalidRequest',
    ],
    ['with CRC32C', { ...LENGTH, 'x-amz-checksum-crc32c': 'AAAAAA==' }, UNSIGNED, 'NotImplemented'],
    [
      'that promises a trailer it cannot have',
      { ...LENGTH, 'x-amz-trailer': 'x-amz-checksum-crc32' },
      UNSIGNED,
      'MalformedTrailerError',
    ],
  ])('is refused %s', async (_, headers: Record<string, string>, payloadHash, code) => {
    expect(await receive(headers, payloadHash, TEXT)).toBe(code);
  });
});

describe('a chunked body', () => {
  const head = {
    'x-amz-decoded-content-length': String(TEXT.length),
    'x-amz-trailer': 'x-amz-checksum-crc32',
  };
  const chunk = `${TEXT.length.toString(16)}\r\n${TEXT}\r\n0\r\n`;

  it('is received with the checksum of its trailer', async () => {
    const body = `${chunk}x-amz-checksum-crc32: ${CRC32}\r\n\r\n`;
    expect(await receive(head, TRAILER, body)).toMatchObject({
      ...{ text: TEXT, size: TEXT.length },
      checksum: { algorithm: 'crc32', value: CRC32 },
    });
  });

  it.each([
    ['another checksum', head, `${chunk}x-amz-checksum-crc32: AAAAAA==\r\n\r\n`, 'BadDigest'],
    ['the promised trailer missing', head, `${chunk}\r\n`, 'MalformedTrailerError'],
    [
      'a trailer nobody promised',
      head,
      `${chunk}x-amz-checksum-crc32: ${CRC32}\r\nx-amz-meta-a: b\r\n\r\n`,
      'MalformedTrailerError',
    ],
    [
      'less than it promised',
      { ...head, 'x-amz-decoded-content-length': '13' },
      `${chunk}x-amz-checksum-crc32: ${CRC32}\r\n\r\n`,
      'IncompleteBody',
    ],
    [
      'more than it promised',
      { ...head, 'x-amz-decoded-content-length': '11' },
      `${chunk}\r\n`,
      'IncompleteBody',
    ],
    ['no length', { 'x-amz-trailer': 'x-amz-checksum-crc32' }, chunk, 'MissingContentLength'],
    ['an end in the middle', head, chunk.slice(0, 9), 'IncompleteBody'],
  ])('is refused with %s', async (_, headers: Record<string, string>, body, code) => {
    expect(await receive(headers, TRAILER, body)).toBe(code);
  });
});
