import { expect, test } from 'vitest';
import { normalizeLocation } from '../../../src/core/location.ts';

test.each([
  ['https://s3.example.com/bucket', 'https://s3.example.com/bucket/'],
  ['https://s3.example.com/bucket/a/', 'https://s3.example.com/bucket/a/'],
  ['http://127.0.0.1:9000/b', 'http://127.0.0.1:9000/b/'],
  ['HTTPS://S3.example.com:443/b/', 'https://s3.example.com/b/'],
  ['https://bucket.s3.example.com', 'https://bucket.s3.example.com/'],
])('%s', (given, normal) => {
  expect(normalizeLocation(given)).toBe(normal);
});

test.each([
  '',
  'bucket',
  's3://bucket/',
  'file:///etc/',
  'https://user:secret@host/bucket/',
  'https://host/bucket/?x=1',
  'https://host/bucket/#x',
  'https://host/a/../b/',
  'https://host/a/..',
  'https://host/a/%2e%2e/b',
  'https://host/a/.%2E%2fb',
  'https://host/a%2f..%2fb/',
  'https://host/a//b/',
  "https://host/a'b/",
  'https://host/$(id)/',
  'https://host/a b/',
  'https://host/a\nb/',
])('%j is none, and is not repeated in the message', (given) => {
  expect(() => normalizeLocation(given)).toThrow(
    expect.objectContaining({
      code: 'CONFIG_INVALID',
      message: 'A location to allow is not the URL of a bucket or folder.',
    }),
  );
});
