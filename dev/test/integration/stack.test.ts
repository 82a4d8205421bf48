import { once } from 'node:events';
import { readdirSync, statSync } from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { GetObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { expect, onTestFinished, test, vi } from 'vitest';
import { testS3Client } from '../../../test/support/bucket.ts';
import { freePort } from '../../src/postgres/port.ts';
import { type Stack, type StackOptions, startStack } from '../../src/stack.ts';
import { isAlive, ownWatchdogs, queryOnce, scratchFolder } from '../support/scratch.ts';

async function stackForTest(options: StackOptions = {}): Promise<Stack> {
  const stack = await startStack({
    ...options,
    settings: { shared_buffers: '16MB', fsync: 'off' },
  });
  onTestFinished(() => stack.stop());
  return stack;
}

async function put(stack: Stack, key: string, body: string): Promise<void> {
  const client = testS3Client(stack.s3);
  try {
    await client.send(new PutObjectCommand({ Bucket: stack.s3.bucket, Key: key, Body: body }));
  } finally {
    client.destroy();
  }
}

async function get(stack: Stack, key: string): Promise<string | undefined> {
  const client = testS3Client(stack.s3);
  try {
    const object = await client.send(new GetObjectCommand({ Bucket: stack.s3.bucket, Key: key }));
    return await object.Body?.transformToString();
  } finally {
    client.destroy();
  }
}

/** A temporary folder of this test alone, so that what is left in it is this test's. */
function ownTemporaryFolder(): string {
  const folder = scratchFolder();
  vi.stubEnv('TMPDIR', folder);
  onTestFinished(() => void vi.unstubAllEnvs());
  return folder;
}

/** Without the copy of the binaries, which is kept: it is made where the project lies in a folder of root's alone. */
function leftIn(folder: string): string[] {
  return readdirSync(folder).filter((name) => !name.startsWith('relyt-postgres-'));
}

async function takenPort(): Promise<number> {
  const stranger = net.createServer().listen(0, '127.0.0.1');
  onTestFinished(() => void stranger.close());
  await once(stranger, 'listening');
  return (stranger.address() as net.AddressInfo).port;
}

test('both servers answer, and the temporary folder goes with them', async () => {
  const temporary = ownTemporaryFolder();
  const stack = await stackForTest({ bucket: 'landing' });
  expect(leftIn(temporary)).toHaveLength(1);
  expect(await queryOnce(stack.postgres.url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
  await put(stack, 'greeting', 'hello');
  expect(await get(stack, 'greeting')).toBe('hello');
  expect(stack.s3.bucket).toBe('landing');

  await Promise.all([stack.stop(), stack.stop()]);
  expect(isAlive(stack.postgres.pid)).toBe(false);
  expect(leftIn(temporary)).toEqual([]);
  await expect(fetch(stack.s3.endpoint)).rejects.toThrow('fetch failed');
});

test('two stacks side by side do not see each other', async () => {
  const [one, two] = await Promise.all([stackForTest(), stackForTest()]);
  expect(one.s3.secretKey).not.toBe(two.s3.secretKey);
  await put(one, 'mine', 'one');
  await expect(get(two, 'mine')).rejects.toMatchObject({ name: 'NoSuchKey' });
  const foreign = {
    ...two,
    s3: { ...two.s3, accessKey: one.s3.accessKey, secretKey: one.s3.secretKey },
  };
  await expect(get(foreign, 'mine')).rejects.toMatchObject({ name: 'InvalidAccessKeyId' });
});

test('a folder of its own keeps rows, objects and keys', async () => {
  const dataDir = scratchFolder();
  const first = await stackForTest({ dataDir });
  await queryOnce(first.postgres.url, 'CREATE TABLE kept AS SELECT 1 AS one');
  await put(first, 'kept', 'object');
  await first.stop();

  const second = await stackForTest({ dataDir });
  expect(second.s3.secretKey).toBe(first.s3.secretKey);
  expect(second.s3.accessKey).toBe(first.s3.accessKey);
  expect(await queryOnce(second.postgres.url, 'SELECT one FROM kept')).toEqual([{ one: 1 }]);
  expect(await get(second, 'kept')).toBe('object');
});

test('G7: the kept keys are readable by their owner only', async () => {
  const dataDir = scratchFolder();
  await stackForTest({ dataDir });
  expect(statSync(path.join(dataDir, 's3-credentials.json')).mode & 0o777).toBe(0o600);
});

test('keys and ports that are given are used', async () => {
  const stack = await stackForTest({
    accessKey: 'AKGIVEN',
    secretKey: 'given-secret',
    region: 'eu-west-1',
  });
  expect(stack.s3).toMatchObject({
    accessKey: 'AKGIVEN',
    secretKey: 'given-secret',
    region: 'eu-west-1',
  });
  const ports = { pgPort: stack.postgres.port, s3Port: Number(new URL(stack.s3.endpoint).port) };
  await stack.stop();
  const again = await stackForTest(ports);
  expect(again.postgres.port).toBe(ports.pgPort);
  expect(Number(new URL(again.s3.endpoint).port)).toBe(ports.s3Port);
});

test('when PostgreSQL does not start, the S3 server is stopped again', async () => {
  const temporary = ownTemporaryFolder();
  const s3Port = await freePort();
  await expect(startStack({ pgPort: await takenPort(), s3Port })).rejects.toMatchObject({
    code: 'DEV_SERVER_UNAVAILABLE',
  });
  await expect(fetch(`http://127.0.0.1:${s3Port}`)).rejects.toThrow('fetch failed');
  expect(leftIn(temporary)).toEqual([]);
});

test('when the S3 server does not start, PostgreSQL is stopped again', async () => {
  const temporary = ownTemporaryFolder();
  const watchdogs = process.platform === 'linux' ? ownWatchdogs() : [];
  const pgPort = await freePort();
  await expect(startStack({ pgPort, s3Port: await takenPort() })).rejects.toThrow();
  await expect(queryOnce(`postgresql://127.0.0.1:${pgPort}/x`, 'SELECT')).rejects.toMatchObject({
    code: 'ECONNREFUSED',
  });
  if (process.platform === 'linux') expect(ownWatchdogs()).toEqual(watchdogs);
  expect(leftIn(temporary)).toEqual([]);
});
