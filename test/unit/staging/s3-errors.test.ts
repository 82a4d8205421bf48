import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { RelytError } from '../../../src/errors.ts';
import { isTransient } from '../../../src/staging/retry.ts';
import { s3Error } from '../../../src/staging/s3-errors.ts';

const request = {
  operation: 'UploadPart 3',
  location: 's3://bucket at https://s3.example',
  key: 'p/f1.csv',
  secrets: ['topsecret', 'sessiontoken', ''],
};

/** An error as the SDK throws it. */
function sdkError(name: string, status?: number, message = 'UnknownError'): Error {
  const metadata = { httpStatusCode: status, requestId: 'req-1', attempts: 1 };
  return Object.assign(new Error(message), { name, $metadata: metadata });
}

function systemError(code: string, name = 'Error'): Error {
  return Object.assign(new Error(`connect ${code}`), { name, code });
}

describe('s3Error', () => {
  it.each([
    [sdkError('SignatureDoesNotMatch', 403), 'S3_AUTH_FAILED', 'SignatureDoesNotMatch'],
    [sdkError('ExpiredToken', 400), 'S3_AUTH_FAILED', 'ExpiredToken'],
    [sdkError('AccessDenied', 403), 'S3_ACCESS_DENIED', 'AccessDenied'],
    [sdkError('403', 403), 'S3_ACCESS_DENIED', 'HTTP 403'],
    [sdkError('NoSuchBucket', 404), 'S3_BUCKET_MISSING', 'NoSuchBucket'],
    [sdkError('RequestTimeTooSkewed', 403), 'S3_CLOCK_SKEW', 'RequestTimeTooSkewed'],
    [sdkError('SlowDown', 503), 'S3_UNAVAILABLE', 'SlowDown'],
    [sdkError('InternalError', 200), 'S3_UNAVAILABLE', 'InternalError'],
    [sdkError('UnknownError', 502), 'S3_UNAVAILABLE', 'HTTP 502'],
    [sdkError('Unknown', 429), 'S3_UNAVAILABLE', 'HTTP 429'],
    [sdkError('NotImplemented', 501), 'S3_ERROR', 'NotImplemented'],
    [sdkError('InvalidPart', 400), 'S3_ERROR', 'InvalidPart'],
    [systemError('ECONNREFUSED'), 'S3_UNREACHABLE', 'ECONNREFUSED'],
    [systemError('ECONNRESET', 'TimeoutError'), 'S3_UNREACHABLE', 'ECONNRESET'],
    [systemError('ECONNREFUSED', 'AggregateError'), 'S3_UNREACHABLE', 'ECONNREFUSED'],
    [systemError('DEPTH_ZERO_SELF_SIGNED_CERT'), 'S3_UNREACHABLE', 'DEPTH_ZERO_SELF_SIGNED_CERT'],
    [Object.assign(new Error(), { name: 'TimeoutError' }), 'S3_UNAVAILABLE', 'TimeoutError'],
    [new TypeError('a bug'), 'S3_ERROR', 'TypeError'],
    ['not an error', 'S3_ERROR', 'Error'],
  ])('G8: %s is %s', (thrown, code, name) => {
    const error = s3Error(thrown, request);
    expect(error).toMatchObject({ code, details: { s3Error: name } });
    expect(error.message).toContain(
      `S3 UploadPart 3 of "p/f1.csv" in s3://bucket at https://s3.example failed: ${name}`,
    );
    expect(isTransient(error)).toBe(code === 'S3_UNREACHABLE' || code === 'S3_UNAVAILABLE');
  });

  it('blames the clock for a refusal without a reason, when the clock is wrong', () => {
    const thrown = sdkError('Unknown', 403);
    const metadata = { httpStatusCode: 403, clockSkewCorrected: true };
    expect(s3Error(thrown, request).code).toBe('S3_ACCESS_DENIED');
    expect(s3Error(Object.assign(thrown, { $metadata: metadata }), request).code).toBe(
      'S3_CLOCK_SKEW',
    );
  });

  it('says where to look: the region, the certificate, the firewall', () => {
    expect(s3Error(sdkError('PermanentRedirect', 301), request).hint).toMatch(/region/);
    expect(s3Error(systemError('CERT_HAS_EXPIRED'), request).hint).toMatch(/TLS/);
    const timeout = Object.assign(new Error(), { name: 'TimeoutError' });
    expect(s3Error(timeout, request).hint).toMatch(/firewall/);
  });

  it('is the reason of the signal, or ABORTED, once the signal has fired', () => {
    const reason = new RelytError('LEASE_LOST', 'taken over');
    const thrown = Object.assign(new Error('Request aborted'), { name: 'AbortError' });
    expect(s3Error(thrown, { ...request, signal: AbortSignal.abort(reason) })).toBe(reason);
    const aborted = s3Error(thrown, { ...request, signal: AbortSignal.abort() });
    expect(aborted.code).toBe('ABORTED');
  });

  it('leaves an error of ours as it is', () => {
    const own = new RelytError('CLOSED', 'closed');
    expect(s3Error(own, request)).toBe(own);
  });

  it('G7: carries a cause without the response, secrets or presigned URLs', () => {
    const url = 'https://s3.example/b/k?X-Amz-Signature=abc';
    const thrown = Object.assign(sdkError('AccessDenied', 403, `topsecret at ${url}`), {
      $response: { headers: { authorization: 'Signature=abc' } },
      StringToSign: 'x-amz-security-token:sessiontoken',
    });
    const error = s3Error(thrown, request);
    const printed = inspect(error, { depth: 10, showHidden: true });
    expect(printed).toContain('req-1');
    expect(printed).not.toMatch(/topsecret|sessiontoken|Signature=/);
  });
});
