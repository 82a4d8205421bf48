import { once } from 'node:events';
import { existsSync } from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { GetObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { beforeAll, expect, onTestFinished, test } from 'vitest';
import { testS3Client } from '../../../test/support/bucket.ts';
import { ensureBuilt } from '../../../test/support/build.ts';
import { RunningCommand } from '../support/running-command.ts';
import { queryOnce, scratchFolder } from '../support/scratch.ts';

const MAIN = fileURLToPath(new URL('../../dist/command/main.js', import.meta.url));

beforeAll(ensureBuilt);

function relytDev(...args: readonly string[]): RunningCommand {
  return new RunningCommand(process.execPath, [MAIN, ...args]);
}

/** Code of the error with which a connection fails; undefined when it is made. */
async function refusal(host: string, port: number): Promise<unknown> {
  const socket = net.connect({ host, port });
  onTestFinished(() => void socket.destroy());
  return once(socket, 'connect').then(
    () => undefined,
    (error) => (error as NodeJS.ErrnoException).code,
  );
}

test.each(['SIGINT', 'SIGTERM'] as const)(
  'both servers answer, and are gone with their files after %s',
  async (signal) => {
    const running = relytDev('--json');
    const { databaseUrl, s3, dataDir } = await running.ready();
    expect(dataDir).toBe(null);
    const [row] = await queryOnce(databaseUrl, 'show data_directory');
    const folder = path.dirname(path.dirname(String(row?.data_directory)));
    const client = testS3Client(s3);
    onTestFinished(() => client.destroy());
    await client.send(new PutObjectCommand({ Bucket: s3.bucket, Key: 'k', Body: 'hello' }));
    const object = await client.send(new GetObjectCommand({ Bucket: s3.bucket, Key: 'k' }));
    expect(await object.Body?.transformToString()).toBe('hello');

    expect(existsSync(folder)).toBe(true);
    running.signal(signal);
    expect(await running.ended).toEqual({ code: 0 });
    expect(running.stderr).toBe(`${signal}: stopping the servers\n`);
    expect(existsSync(folder)).toBe(false);
    await expect(queryOnce(databaseUrl, 'select 1')).rejects.toMatchObject({
      code: 'ECONNREFUSED',
    });
    await expect(fetch(s3.endpoint)).rejects.toThrow('fetch failed');
  },
);

test.runIf(process.platform === 'linux')('G7: both listen on 127.0.0.1 only', async () => {
  const running = relytDev('--json');
  const { databaseUrl, s3 } = await running.ready();
  for (const url of [databaseUrl, s3.endpoint]) {
    const { hostname, port } = new URL(url);
    expect(hostname).toBe('127.0.0.1');
    // On Linux all of 127.0.0.0/8 is this machine: a server for every address would answer.
    expect(await refusal('127.0.0.2', Number(port))).toBe('ECONNREFUSED');
    expect(await refusal('127.0.0.1', Number(port))).toBeUndefined();
  }
  running.signal('SIGINT');
  await running.ended;
});

test('--data-dir, --pg-port and --s3-port are what a second start finds again', async () => {
  const folder = path.join(scratchFolder(), 'data');
  const first = relytDev('--json', '--data-dir', folder);
  const ready = await first.ready();
  expect(ready.dataDir).toBe(folder);
  await queryOnce(ready.databaseUrl, 'create table kept as select 1 as one');
  first.signal('SIGTERM');
  await first.ended;

  const ports = [
    ...['--pg-port', new URL(ready.databaseUrl).port],
    ...['--s3-port', new URL(ready.s3.endpoint).port],
  ];
  const second = relytDev('--json', '--data-dir', folder, ...ports);
  expect(await second.ready()).toEqual(ready);
  expect(await queryOnce(ready.databaseUrl, 'select one from kept')).toEqual([{ one: 1 }]);
  second.signal('SIGTERM');
  expect(await second.ended).toEqual({ code: 0 });
});

test('G8: a port that is taken is an error with code and hint', async () => {
  const stranger = net.createServer().listen(0, '127.0.0.1');
  onTestFinished(() => void stranger.close());
  await once(stranger, 'listening');
  const port = String((stranger.address() as net.AddressInfo).port);
  const forPrograms = relytDev('--s3-port', port, '--json');
  expect(await forPrograms.ended).toEqual({ code: 1 });
  expect(JSON.parse(forPrograms.stdout)).toEqual({
    ok: false,
    code: 'DEV_SERVER_UNAVAILABLE',
    message: `The S3 server cannot listen on 127.0.0.1:${port}.`,
    hint: 'Choose another port, or 0 for a free one.',
  });
  const forPeople = relytDev('--s3-port', port);
  expect(await forPeople.ended).toEqual({ code: 1 });
  expect(forPeople.stdout).toBe('');
  expect(forPeople.stderr).toContain('  code: DEV_SERVER_UNAVAILABLE\n');
});

test('wrong options end with 2, --help and --version with 0', async () => {
  const [wrong, help, version] = [relytDev('--port', '1'), relytDev('--help'), relytDev('-V')];
  expect(await wrong.ended).toEqual({ code: 2 });
  expect(wrong.stderr).toContain("Unknown option '--port'.");
  expect(await help.ended).toEqual({ code: 0 });
  expect(help.stdout).toContain('--data-dir <dir>');
  expect(await version.ended).toEqual({ code: 0 });
  expect(version.stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
});
