import { describe, expect, it } from 'vitest';
import { authenticate } from '../../../src/s3/authentication.ts';
import type { RequestHead } from '../../../src/s3/request-head.ts';
import { S3Error } from '../../../src/s3/s3-error.ts';
import {
  AWS_EXAMPLE,
  AWS_EXAMPLE_TIME,
  authorization,
  EMPTY_SHA256,
  requestHead,
} from './signed-request.ts';

const HOST = 'examplebucket.s3.amazonaws.com';
const DATE = { 'x-amz-date': '20130524T000000Z' };

function verdict(head: RequestHead, now = AWS_EXAMPLE_TIME, identity = AWS_EXAMPLE): string {
  try {
    authenticate(head, identity, now);
    return 'ok';
  } catch (error) {
    if (!(error instanceof S3Error)) throw error;
    return `${error.status} ${error.code}`;
  }
}

function awsGet(changes: Record<string, string> = {}): RequestHead {
  return requestHead('GET', '/test.txt', {
    host: HOST,
    range: 'bytes=0-9',
    'x-amz-content-sha256': EMPTY_SHA256,
    ...DATE,
    authorization: authorization(
      'host;range;x-amz-content-sha256;x-amz-date',
      'f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41',
    ),
    ...changes,
  });
}

const PRESIGNED_QUERY = {
  'X-Amz-Algorithm': 'AWS4-HMAC-SHA256',
  'X-Amz-Credential': 'AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request',
  'X-Amz-Date': '20130524T000000Z',
  'X-Amz-Expires': '86400',
  'X-Amz-SignedHeaders': 'host',
  'X-Amz-Signature': 'aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404',
};

function awsPresigned(changes: Record<string, string> = {}, headers = {}): RequestHead {
  const query = new URLSearchParams({ ...PRESIGNED_QUERY, ...changes });
  return requestHead('GET', `/test.txt?${query}`, { host: HOST, ...headers });
}

describe("AWS's published examples", () => {
  it('GET Object is accepted', () => {
    expect(verdict(awsGet())).toBe('ok');
  });

  it('PUT Object with an escaped key is accepted', () => {
    const head = requestHead('PUT', '/test%24file.text', {
      date: 'Fri, 24 May 2013 00:00:00 GMT',
      host: HOST,
      'x-amz-content-sha256': '44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072',
      'x-amz-storage-class': 'REDUCED_REDUNDANCY',
      ...DATE,
      authorization: authorization(
        'date;host;x-amz-content-sha256;x-amz-date;x-amz-storage-class',
        '98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd',
      ),
    });
    expect(verdict(head)).toBe('ok');
  });

  it.each([
    ['/?lifecycle', 'fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543'],
    ['/?max-keys=2&prefix=J', '34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7'],
    ['/?prefix=J&max-keys=2', '34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7'],
  ])('%s is accepted', (url, signature) => {
    const head = requestHead('GET', url, {
      host: HOST,
      'x-amz-content-sha256': EMPTY_SHA256,
      ...DATE,
      authorization: authorization('host;x-amz-content-sha256;x-amz-date', signature),
    });
    expect(verdict(head)).toBe('ok');
  });

  it('a presigned URL is accepted until it expires', () => {
    expect(verdict(awsPresigned())).toBe('ok');
    expect(verdict(awsPresigned(), new Date('2013-05-25T00:00:00Z'))).toBe('ok');
    expect(verdict(awsPresigned(), new Date('2013-05-25T00:00:01Z'))).toBe('403 AccessDenied');
    expect(verdict(awsPresigned(), new Date('2013-05-23T23:45:00Z'))).toBe('ok');
    expect(verdict(awsPresigned(), new Date('2013-05-23T23:44:59Z'))).toBe('403 AccessDenied');
  });
});

describe('a signature in the header', () => {
  const signedHeaders = 'host;range;x-amz-content-sha256;x-amz-date';
  const good = 'f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41';

  it.each([
    ['another range', { range: 'bytes=0-8' }, '403 SignatureDoesNotMatch'],
    ['another host', { host: 'elsewhere' }, '403 SignatureDoesNotMatch'],
    [
      'another payload',
      { 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD' },
      '403 SignatureDoesNotMatch',
    ],
    ['an unsigned x-amz header', { 'x-amz-acl': 'public-read' }, '403 AccessDenied'],
    ['another day', { 'x-amz-date': '20130523T235959Z' }, '400 AuthorizationHeaderMalformed'],
    ['a nonsense date', { 'x-amz-date': '20130524Tnonsense' }, '403 AccessDenied'],
    ['an impossible time', { 'x-amz-date': '20130524T006199Z' }, '403 AccessDenied'],
    [
      'a shortened signature',
      { authorization: authorization(signedHeaders, good.slice(1)) },
      '403 SignatureDoesNotMatch',
    ],
    [
      'an upper-case signature',
      { authorization: authorization(signedHeaders, good.toUpperCase()) },
      '403 SignatureDoesNotMatch',
    ],
    [
      'no signature',
      { authorization: authorization(signedHeaders, '') },
      '400 AuthorizationHeaderMalformed',
    ],
    [
      'no signed headers',
      { authorization: authorization('', good) },
      '400 AuthorizationHeaderMalformed',
    ],
    [
      'host unsigned',
      { authorization: authorization('range;x-amz-content-sha256;x-amz-date', good) },
      '403 AccessDenied',
    ],
    [
      'nothing but the scheme',
      { authorization: 'AWS4-HMAC-SHA256 ' },
      '400 AuthorizationHeaderMalformed',
    ],
    ['version 2', { authorization: 'AWS AKIAIOSFODNN7EXAMPLE:abc=' }, '400 InvalidRequest'],
    ['a password', { authorization: 'Basic QUtJQTpzZWNyZXQ=' }, '400 InvalidRequest'],
  ])('is refused with %s', (_, changes: Record<string, string>, expected) => {
    expect(verdict(awsGet(changes))).toBe(expected);
  });

  it('is refused for another method, path or query', () => {
    const { headers } = awsGet();
    for (const [method, url] of [
      ['HEAD', '/test.txt'],
      ['GET', '/test.txT'],
      ['GET', '/test.txt?acl'],
    ] as const) {
      const head = requestHead(method, url, Object.fromEntries(headers));
      expect(verdict(head)).toBe('403 SignatureDoesNotMatch');
    }
  });

  it('is refused when the server knows another key, region or secret', () => {
    expect(verdict(awsGet(), AWS_EXAMPLE_TIME, { ...AWS_EXAMPLE, accessKey: 'OTHER' })).toBe(
      '403 InvalidAccessKeyId',
    );
    expect(verdict(awsGet(), AWS_EXAMPLE_TIME, { ...AWS_EXAMPLE, region: 'eu-west-1' })).toBe(
      '400 AuthorizationHeaderMalformed',
    );
    expect(verdict(awsGet(), AWS_EXAMPLE_TIME, { ...AWS_EXAMPLE, secretKey: 'other' })).toBe(
      '403 SignatureDoesNotMatch',
    );
  });

  it('is refused more than 15 minutes off, either way', () => {
    const at = (seconds: number): Date => new Date(AWS_EXAMPLE_TIME.getTime() + seconds * 1000);
    for (const seconds of [-900, 900]) expect(verdict(awsGet(), at(seconds))).toBe('ok');
    for (const seconds of [-901, 901]) {
      expect(verdict(awsGet(), at(seconds))).toBe('403 RequestTimeTooSkewed');
    }
  });

  it('is demanded, and only one of them', () => {
    expect(verdict(requestHead('GET', '/b/k', { host: HOST }))).toBe('403 AccessDenied');
    const both = awsPresigned({}, { authorization: authorization('host', 'ab') });
    expect(verdict(both)).toBe('400 InvalidArgument');
  });

  it('G7: never shows the secret when it is refused', () => {
    try {
      authenticate(awsGet({ range: 'bytes=1-2' }), AWS_EXAMPLE, AWS_EXAMPLE_TIME);
      expect.unreachable();
    } catch (error) {
      const { message, fields } = error as S3Error;
      expect(JSON.stringify({ message, fields })).not.toContain(AWS_EXAMPLE.secretKey);
    }
  });
});

describe('a presigned URL', () => {
  it.each([
    ['X-Amz-Expires', '86401', '403 SignatureDoesNotMatch'],
    ['X-Amz-Expires', '604801', '400 AuthorizationQueryParametersError'],
    ['X-Amz-Expires', '-1', '400 AuthorizationQueryParametersError'],
    ['X-Amz-Expires', '1e3', '400 AuthorizationQueryParametersError'],
    ['X-Amz-Expires', '', '400 AuthorizationQueryParametersError'],
    ['X-Amz-Date', '20130524T000001Z', '403 SignatureDoesNotMatch'],
    ['X-Amz-Date', '20130525T000000Z', '400 AuthorizationQueryParametersError'],
    ['X-Amz-SignedHeaders', 'range', '403 AccessDenied'],
    ['X-Amz-Algorithm', 'AWS4-ECDSA-P256-SHA256', '400 AuthorizationQueryParametersError'],
    ['X-Amz-Credential', 'AKIAIOSFODNN7EXAMPLE', '400 AuthorizationQueryParametersError'],
    ['X-Amz-Signature', 'ae', '403 SignatureDoesNotMatch'],
  ])('is refused with %s=%s', (name, value, expected) => {
    expect(verdict(awsPresigned({ [name]: value }))).toBe(expected);
  });

  it('is refused with headers it did not sign', () => {
    expect(verdict(awsPresigned({}, { 'x-amz-meta-a': 'b' }))).toBe('403 AccessDenied');
  });

  it('ignores later copies of its parameters, which are covered by the signature', () => {
    const url = `/test.txt?${new URLSearchParams(PRESIGNED_QUERY)}&X-Amz-Expires=604800`;
    expect(verdict(requestHead('GET', url, { host: HOST }))).toBe('403 SignatureDoesNotMatch');
  });
});
