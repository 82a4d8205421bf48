import type { RequestHead } from '../../../src/s3/request-head.ts';
import { parseRequestTarget } from '../../../src/s3/request-target.ts';

/** The account of AWS's own examples: https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html */
export const AWS_EXAMPLE = {
  accessKey: 'AKIAIOSFODNN7EXAMPLE',
  secretKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
  region: 'us-east-1',
};
export const AWS_EXAMPLE_TIME = new Date('2013-05-24T00:00:00Z');
export const EMPTY_SHA256 = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';

export function requestHead(
  method: string,
  url: string,
  headers: Readonly<Record<string, string>>,
): RequestHead {
  return { method, target: parseRequestTarget(url), headers: new Map(Object.entries(headers)) };
}

/** An Authorization header as AWS's examples write it. */
export function authorization(signedHeaders: string, signature: string): string {
  const credential = `${AWS_EXAMPLE.accessKey}/20130524/us-east-1/s3/aws4_request`;
  return `AWS4-HMAC-SHA256 Credential=${credential},SignedHeaders=${signedHeaders},Signature=${signature}`;
}
