import { createHash, randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import { Agent, type IncomingMessage, request } from 'node:http';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { filesBelow, type StartedServer, startServer, temporaryFolder } from './running-server.ts';

const MIB = 1024 * 1024;

async function presign(server: StartedServer, method: 'GET' | 'PUT', Key: string): Promise<URL> {
  const { accessKey, secretKey, endpoint, region } = server.account;
  const client = new S3Client({
    ...{ endpoint, region, forcePathStyle: true, requestChecksumCalculation: 'WHEN_REQUIRED' },
    credentials: { accessKeyId: accessKey, secretAccessKey: secretKey },
  });
  onTestFinished(() => client.destroy());
  const object = { Bucket: 'bucket', Key };
  const expiresIn = 60;
  return new URL(
    method === 'GET'
      ? await getSignedUrl(client, new GetObjectCommand(object), { expiresIn })
      : await getSignedUrl(client, new PutObjectCommand(object), { expiresIn }),
  );
}

/** A connection on which the test writes HTTP by hand. */
async function openSocket(server: StartedServer): Promise<{ socket: Socket; text: () => string }> {
  const socket = connect(server.port, '127.0.0.1');
  onTestFinished(() => void socket.destroy());
  let text = '';
  socket.on('data', (bytes) => {
    text += bytes.toString('latin1');
  });
  socket.on('error', () => undefined);
  await new Promise((resolve) => socket.once('connect', resolve));
  return { socket, text: () => text };
}

function headText(method: string, url: URL, headers: Record<string, string>): string {
  const lines = Object.entries({ host: url.host, ...headers }).map(([n, v]) => `${n}: ${v}\r\n`);
  return `${method} ${url.pathname}${url.search} HTTP/1.1\r\n${lines.join('')}\r\n`;
}

function blobs(dataDir: string): string[] {
  return filesBelow(dataDir).filter((name) => name.startsWith('blobs/'));
}

describe('connections', () => {
  it('are kept after an error, when the body was read', async () => {
    const server = await startServer(temporaryFolder());
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    onTestFinished(() => agent.destroy());
    const ports: (number | undefined)[] = [];
    for (const key of ['missing', 'missing2']) {
      const url = await presign(server, 'GET', key);
      const answer = await new Promise<IncomingMessage>((resolve, reject) => {
        request(url, { agent }, resolve).on('error', reject).end();
      });
      ports.push(answer.socket.localPort);
      expect([answer.statusCode, answer.headers.connection]).toEqual([404, 'keep-alive']);
      answer.resume();
      await new Promise((resolve) => answer.once('end', resolve));
    }
    expect(ports[0]).toBe(ports[1]);
  });

  it('are closed after an error, when the body was not', async () => {
    const server = await startServer(temporaryFolder());
    const url = await presign(server, 'PUT', 'k');
    url.searchParams.set('X-Amz-Expires', '61');
    const { socket, text } = await openSocket(server);
    const closed = new Promise((resolve) => socket.once('close', resolve));
    socket.write(headText('PUT', url, { 'content-length': '1000000' }));
    // The client goes on sending, as most do, and must still get to read the answer.
    socket.write(Buffer.alloc(500_000));
    await vi.waitFor(() => expect(text()).toContain('</Error>'));
    expect(text()).toMatch(/^HTTP\/1\.1 403 .*connection: close\r\n.*SignatureDoesNotMatch/is);
    socket.end(Buffer.alloc(500_000));
    await closed;
  });

  it('carry the answer to a client that reads it only after it has sent everything', async () => {
    const server = await startServer(temporaryFolder());
    const url = await presign(server, 'PUT', 'k');
    url.searchParams.set('X-Amz-Expires', '61');
    const { socket, text } = await openSocket(server);
    const closed = new Promise((resolve) => socket.once('close', resolve));
    socket.pause();
    socket.write(headText('PUT', url, { 'content-length': '4000000' }));
    for (let i = 0; i < 4; i++) {
      await new Promise((resolve) => socket.write(Buffer.alloc(1_000_000), resolve));
    }
    socket.resume();
    await closed;
    expect(text()).toMatch(/^HTTP\/1\.1 403 /);
  });

  it('carry the answer to a body that is refused in its middle', async () => {
    const dataDir = temporaryFolder();
    const server = await startServer(dataDir);
    const answer = await server.send({
      ...{ method: 'PUT', path: '/bucket/k' },
      body: Buffer.concat([Buffer.from('3\r\nabcd'), Buffer.alloc(4 * MIB)]),
      payloadHash: 'STREAMING-UNSIGNED-PAYLOAD-TRAILER',
      headers: { 'x-amz-decoded-content-length': '3' },
    });
    expect([answer.status, answer.code]).toEqual([400, 'InvalidRequest']);
    expect(answer.headers.connection).toBe('close');
    expect(blobs(dataDir)).toEqual([]);
  });

  it('carry every byte to a slow reader', async () => {
    const server = await startServer(temporaryFolder());
    const body = randomBytes(32 * MIB);
    await server.send({ method: 'PUT', path: '/bucket/k', body });
    const url = await presign(server, 'GET', 'k');
    const hash = createHash('sha256');
    await new Promise<void>((resolve, reject) => {
      const slow = async (answer: IncomingMessage): Promise<void> => {
        for await (const bytes of answer) {
          hash.update(bytes as Buffer);
          await delay(1);
        }
      };
      const outgoing = request(url, (answer) => void slow(answer).then(resolve, reject));
      outgoing.on('error', reject).end();
    });
    expect(hash.digest('hex')).toBe(createHash('sha256').update(body).digest('hex'));
  });

  it('carry a body only after 100 Continue when the client waits for it', async () => {
    const server = await startServer(temporaryFolder());
    const url = await presign(server, 'PUT', 'k');
    const headers = { 'content-length': '4', expect: '100-continue' };
    const good = await openSocket(server);
    good.socket.write(headText('PUT', url, headers));
    await vi.waitFor(() => expect(good.text()).toMatch(/^HTTP\/1\.1 100 Continue/));
    good.socket.write('body');
    await vi.waitFor(() => expect(good.text()).toMatch(/HTTP\/1\.1 200 OK/));

    url.searchParams.set('X-Amz-Expires', '61');
    const bad = await openSocket(server);
    const closed = new Promise((resolve) => bad.socket.once('close', resolve));
    bad.socket.write(headText('PUT', url, headers));
    await closed;
    expect(bad.text()).toMatch(/^HTTP\/1\.1 403 /);
  });

  it('carry no body at all when a condition cannot hold', async () => {
    const server = await startServer(temporaryFolder());
    await server.send({ method: 'PUT', path: '/bucket/k', body: Buffer.from('x') });
    const headers = { 'content-length': '4', expect: '100-continue', 'if-none-match': '*' };
    const { socket, text } = await openSocket(server);
    const closed = new Promise((resolve) => socket.once('close', resolve));
    socket.write(headText('PUT', await presign(server, 'PUT', 'k'), headers));
    await closed;
    expect(text()).toMatch(/^HTTP\/1\.1 412 /);
  });

  it('G7: that break during an upload leave nothing', async () => {
    const dataDir = temporaryFolder();
    const server = await startServer(dataDir);
    const url = await presign(server, 'PUT', 'k');
    const { socket } = await openSocket(server);
    socket.write(headText('PUT', url, { 'content-length': '1000000' }));
    socket.write(Buffer.alloc(700_000));
    await vi.waitFor(() => expect(blobs(dataDir)).toHaveLength(1));
    socket.destroy();
    await vi.waitFor(() => expect(blobs(dataDir)).toEqual([]));
    expect((await fetch(await presign(server, 'GET', 'k'))).status).toBe(404);
  });

  it('that break during a download free the object', async () => {
    const dataDir = temporaryFolder();
    const server = await startServer(dataDir);
    const body = Buffer.alloc(30 * MIB, 'x');
    await server.send({ method: 'PUT', path: '/bucket/k', body });
    const { socket, text } = await openSocket(server);
    socket.write(headText('GET', await presign(server, 'GET', 'k'), {}));
    await vi.waitFor(() => expect(text()).toMatch(/^HTTP\/1\.1 200 /));
    socket.pause();
    await server.send({ method: 'DELETE', path: '/bucket/k' });
    expect(blobs(dataDir)).toHaveLength(1);
    socket.destroy();
    await vi.waitFor(() => expect(blobs(dataDir)).toEqual([]));
  });

  it('end at once with stop(), idle, uploading and downloading ones alike', async () => {
    const dataDir = temporaryFolder();
    const server = await startServer(dataDir);
    const body = Buffer.alloc(30 * MIB, 'x');
    await server.send({ method: 'PUT', path: '/bucket/big', body });
    const sockets = [await openSocket(server), await openSocket(server), await openSocket(server)];
    const [idle, uploading, downloading] = sockets;
    idle?.socket.write(headText('GET', await presign(server, 'GET', 'missing'), {}));
    await vi.waitFor(() => expect(idle?.text()).toContain('</Error>'));
    uploading?.socket.write(
      headText('PUT', await presign(server, 'PUT', 'k'), { 'content-length': '1000000' }),
    );
    uploading?.socket.write(Buffer.alloc(700_000));
    await vi.waitFor(() => expect(blobs(dataDir)).toHaveLength(2));
    downloading?.socket.write(headText('GET', await presign(server, 'GET', 'big'), {}));
    await vi.waitFor(() => expect(downloading?.text()).toContain('200 OK'));
    downloading?.socket.pause();

    const closed = [idle, uploading].map(
      (opened) => new Promise((resolve) => opened?.socket.once('close', resolve)),
    );
    const started = performance.now();
    await server.stop();
    expect(performance.now() - started).toBeLessThan(2000);
    await Promise.all(closed);
    expect(blobs(dataDir)).toHaveLength(1);
    await expect(fetch(server.endpoint)).rejects.toThrow();
    await server.stop();
  });
});

describe('faults of the server', () => {
  it('are told to the owner, not to the client', async () => {
    const dataDir = temporaryFolder();
    const faults: unknown[] = [];
    const server = await startServer(dataDir, { onFault: (fault) => faults.push(fault) });
    rmSync(join(dataDir, 'blobs'), { recursive: true });
    const answer = await server.send({ method: 'PUT', path: '/bucket/k', body: Buffer.from('x') });
    expect([answer.status, answer.code]).toEqual([500, 'InternalError']);
    expect(answer.body).not.toContain(dataDir);
    expect(faults).toEqual([expect.objectContaining({ code: 'ENOENT' })]);
    expect((await server.send({ method: 'GET', path: '/' })).status).toBe(200);
  });
});
