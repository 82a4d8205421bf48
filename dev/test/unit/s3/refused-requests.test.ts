import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { startServer, temporaryFolder } from './running-server.ts';

describe('requests the server does not know', () => {
  it.each([
    ['GET', '/bucket?acl=', '501 NotImplemented'],
    ['PUT', '/bucket/k?tagging=', '501 NotImplemented'],
    ['GET', '/bucket/k?versionId=1', '501 NotImplemented'],
    ['POST', '/bucket/k', '405 MethodNotAllowed'],
    ['PATCH', '/bucket/k', '405 MethodNotAllowed'],
    ['DELETE', '/', '405 MethodNotAllowed'],
    ['PUT', '/bucket/k?partNumber=0&uploadId=1', '400 InvalidArgument'],
    ['PUT', '/bucket/k?partNumber=10001&uploadId=1', '400 InvalidArgument'],
    ['PUT', '/bucket/k?partNumber=1&uploadId=..%2F..', '404 NoSuchUpload'],
    ['GET', '/bucket?max-keys=many', '400 InvalidArgument'],
    ['GET', '/bucket?continuation-token=%21&list-type=2', '400 InvalidArgument'],
    ['GET', '/bucket?encoding-type=base64', '400 InvalidArgument'],
    ['GET', '/absent?list-type=2', '404 NoSuchBucket'],
  ])('%s %s is refused by name', async (method, path, expected) => {
    const server = await startServer(temporaryFolder());
    const answer = await server.send({ method, path });
    expect(`${answer.status} ${answer.code}`).toBe(expected);
  });

  it.each([
    ['x-amz-copy-source', '/bucket/other'],
    ['x-amz-server-side-encryption', 'aws:kms'],
    ['x-amz-tagging', 'a=b'],
  ])('a PUT with %s is refused instead of half done', async (header, value) => {
    const server = await startServer(temporaryFolder());
    const headers = { [header]: value };
    const answer = await server.send({ method: 'PUT', path: '/bucket/k', headers });
    expect([answer.status, answer.code]).toEqual([501, 'NotImplemented']);
    expect((await server.send({ method: 'HEAD', path: '/bucket/k' })).status).toBe(404);
  });

  it('a malformed path is refused before anything else', async () => {
    const server = await startServer(temporaryFolder());
    const answer = await server.send({ method: 'GET', path: '/bucket/%zz' });
    expect([answer.status, answer.code]).toEqual([400, 'InvalidURI']);
  });

  it('keys in a listing are encoded on request, but for their slashes', async () => {
    const server = await startServer(temporaryFolder());
    await server.send({ method: 'PUT', path: '/bucket/a%20b/c%2B', body: Buffer.from('x') });
    const listed = await server.send({ method: 'GET', path: '/bucket?encoding-type=url' });
    expect(listed.body).toContain('<Key>a%20b/c%2B</Key>');
  });

  it('an XML body is held against its hash as any other', async () => {
    const server = await startServer(temporaryFolder());
    await server.send({ method: 'PUT', path: '/bucket/k', body: Buffer.from('x') });
    const body = Buffer.from('<Delete><Object><Key>k</Key></Object></Delete>');
    const payloadHash = createHash('sha256').update('other').digest('hex');
    const path = '/bucket?delete=';
    const forged = await server.send({ method: 'POST', path, body, payloadHash });
    expect(forged.code).toBe('XAmzContentSHA256Mismatch');
    expect((await server.send({ method: 'HEAD', path: '/bucket/k' })).status).toBe(200);
    expect((await server.send({ method: 'POST', path, body })).body).toContain('<Key>k</Key>');
    expect((await server.send({ method: 'HEAD', path: '/bucket/k' })).status).toBe(404);
  });
});
