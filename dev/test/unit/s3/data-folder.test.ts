import { spawn } from 'node:child_process';
import { cpSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { BucketFolder } from '../../../src/s3/bucket-folder.ts';
import {
  element,
  filesBelow,
  type StartedServer,
  startServer,
  temporaryFolder,
} from './running-server.ts';

const PUT = 'PUT';

async function beginUpload(server: StartedServer, path: string): Promise<string> {
  const answer = await server.send({ method: 'POST', path: `${path}?uploads` });
  return element(answer.body, 'UploadId');
}

function partPath(path: string, uploadId: string, number: number): string {
  return `${path}?partNumber=${number}&uploadId=${uploadId}`;
}

async function complete(server: StartedServer, path: string, uploadId: string, etags: string[]) {
  const parts = etags.map(
    (etag, i) => `<Part><PartNumber>${i + 1}</PartNumber><ETag>${etag}</ETag></Part>`,
  );
  const body = Buffer.from(`<CompleteMultipartUpload>${parts.join('')}</CompleteMultipartUpload>`);
  return server.send({ method: 'POST', path: `${path}?uploadId=${uploadId}`, body });
}

describe('the data folder', () => {
  it('keeps objects, unfinished uploads and buckets over a restart', async () => {
    const dataDir = temporaryFolder();
    const before = await startServer(dataDir);
    await before.send({
      ...{ method: PUT, path: '/bucket/k', body: Buffer.from('kept') },
      headers: { 'content-type': 'text/csv', 'x-amz-meta-a': 'b' },
    });
    const uploadId = await beginUpload(before, '/bucket/m');
    const part = await before.send({
      ...{ method: PUT, path: partPath('/bucket/m', uploadId, 1), body: Buffer.from('part') },
    });
    await before.stop();

    const after = await startServer(dataDir, { buckets: [] });
    const got = await after.send({ method: 'GET', path: '/bucket/k' });
    expect(got).toMatchObject({ status: 200, body: 'kept' });
    expect(got.headers).toMatchObject({ 'content-type': 'text/csv', 'x-amz-meta-a': 'b' });
    const done = await complete(after, '/bucket/m', uploadId, [String(part.headers.etag)]);
    expect(done.status).toBe(200);
    expect((await after.send({ method: 'GET', path: '/bucket/m' })).body).toBe('part');
  });

  it('G7: is free of what a crash left unfinished', async () => {
    const dataDir = temporaryFolder();
    const before = await startServer(dataDir);
    await before.send({ method: PUT, path: '/bucket/k', body: Buffer.from('kept') });
    await before.stop();
    const clean = filesBelow(dataDir);
    writeFileSync(join(dataDir, 'blobs', 'ffffffffffffffffffffffffffffffff'), 'half an upload');
    writeFileSync(join(dataDir, 'buckets/bucket/objects', 'aa.json.1-1.new'), '{"key":');
    const after = await startServer(dataDir);
    await after.stop();
    expect(filesBelow(dataDir)).toEqual(clean);
  });

  it('G1: keeps the object when a crash came between completing an upload and forgetting it', async () => {
    const dataDir = temporaryFolder();
    const before = await startServer(dataDir);
    const uploadId = await beginUpload(before, '/bucket/m');
    const part = await before.send({
      ...{ method: PUT, path: partPath('/bucket/m', uploadId, 1), body: Buffer.from('part') },
    });
    const uploadFolder = join(dataDir, 'buckets/bucket/uploads', uploadId);
    const copy = join(temporaryFolder(), 'copy');
    cpSync(uploadFolder, copy, { recursive: true });
    await complete(before, '/bucket/m', uploadId, [String(part.headers.etag)]);
    await before.stop();
    cpSync(copy, uploadFolder, { recursive: true });

    const after = await startServer(dataDir);
    const uploads = await after.send({ method: 'GET', path: '/bucket?uploads=' });
    expect(uploads.body).not.toContain('<Upload>');
    expect((await after.send({ method: 'GET', path: '/bucket/m' })).body).toBe('part');
  });

  it('G7: holds no bytes of objects, parts and uploads that are gone', async () => {
    const dataDir = temporaryFolder();
    const server = await startServer(dataDir);
    const empty = filesBelow(dataDir);
    for (const text of ['one', 'two']) {
      await server.send({ method: PUT, path: '/bucket/k', body: Buffer.from(text) });
    }
    const uploadId = await beginUpload(server, '/bucket/m');
    for (const text of ['one', 'two']) {
      const path = partPath('/bucket/m', uploadId, 1);
      await server.send({ method: PUT, path, body: Buffer.from(text) });
    }
    await server.send({ method: 'DELETE', path: `/bucket/m?uploadId=${uploadId}` });
    await server.send({ method: 'DELETE', path: '/bucket/k' });
    await server.send({
      ...{ method: PUT, path: '/bucket/refused', body: Buffer.from('x') },
      headers: { 'content-md5': Buffer.alloc(16).toString('base64') },
    });
    await server.stop();
    expect(filesBelow(dataDir)).toEqual(empty.filter((name) => name !== 'server.lock'));
  });

  it('is never left by a key, whatever it says', async () => {
    const dataDir = temporaryFolder();
    const server = await startServer(dataDir);
    const keys = ['..%2F..%2Fescaped', '%2Fetc%2Fescaped', '.', 'a%00b', 'CON', 'x%5C..%5Cescaped'];
    for (const key of keys) {
      const path = `/bucket/${key}`;
      const put = await server.send({ method: PUT, path, body: Buffer.from(key) });
      expect(put.status).toBe(200);
      expect((await server.send({ method: 'GET', path })).body).toBe(key);
    }
    const names = filesBelow(dataDir).filter((name) => name !== 'server.lock');
    for (const name of names) {
      expect(name).toMatch(
        /^(blobs\/[0-9a-f]{32}|buckets\/bucket\/(bucket\.json|objects\/[0-9a-f]{64}\.json))$/,
      );
    }
    for (const bucket of ['..', '%2e%2e', 'a%2Fb', 'Bucket', 'ab', '1.2.3.4']) {
      const answer = await server.send({ method: PUT, path: `/${bucket}` });
      expect(answer.status).toBeGreaterThanOrEqual(400);
    }
  });

  it('has a bucket once when two ask for it at the same time', async () => {
    const folder = await BucketFolder.open(temporaryFolder());
    const make = async () => {
      await folder.create('bucket', new Date().toISOString());
      return folder.get('bucket');
    };
    const [first, second] = await Promise.all([make(), make()]);
    expect(first).toBe(second);
    expect(folder.get('bucket')).toBe(first);
  });
});

describe('the lock of a data folder', () => {
  const unavailable = { code: 'DEV_SERVER_UNAVAILABLE' };

  it('keeps a second server out, and goes with the first', async () => {
    const dataDir = temporaryFolder();
    const first = await startServer(dataDir);
    await expect(startServer(dataDir)).rejects.toMatchObject(unavailable);
    await first.stop();
    expect(existsSync(join(dataDir, 'server.lock'))).toBe(false);
    await startServer(dataDir);
  });

  it('of another living process counts, of a dead one does not', async () => {
    const dataDir = temporaryFolder();
    const other = spawn('sleep', ['600']);
    onTestFinished(() => void other.kill('SIGKILL'));
    await new Promise((resolve) => other.once('spawn', resolve));
    const started = readFileSync(`/proc/${other.pid}/stat`, 'utf8').split(' ')[21];
    const lock = join(dataDir, 'server.lock');
    writeFileSync(lock, `${other.pid} ${started}`);
    await expect(startServer(dataDir)).rejects.toMatchObject(unavailable);
    writeFileSync(lock, `${other.pid} 1`);
    const server = await startServer(dataDir);
    await server.stop();
    writeFileSync(lock, `${other.pid} ${started}`);
    other.kill('SIGKILL');
    await new Promise((resolve) => other.once('exit', resolve));
    await startServer(dataDir);
  });

  it('is freed when the start fails', async () => {
    const dataDir = temporaryFolder();
    await expect(startServer(dataDir, { buckets: ['Bad_Name'] })).rejects.toMatchObject({
      code: 'DEV_OPTION_INVALID',
      message: expect.stringContaining('Bad_Name'),
    });
    const { port } = await startServer(dataDir);
    const other = temporaryFolder();
    await expect(startServer(other, { port })).rejects.toMatchObject(unavailable);
    await startServer(other);
  });

  it('names an entry that cannot be read', async () => {
    const dataDir = temporaryFolder();
    const server = await startServer(dataDir);
    await server.stop();
    const entry = join(dataDir, 'buckets/bucket/objects/aa.json');
    writeFileSync(entry, '');
    await expect(startServer(dataDir)).rejects.toMatchObject({
      ...unavailable,
      message: expect.stringContaining(entry),
    });
    rmSync(entry);
    await startServer(dataDir);
  });
});
