// The harness is code, too: every other integration test trusts what is checked here.

import {
  AbortMultipartUploadCommand,
  CreateMultipartUploadCommand,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import pg from 'pg';
import { describe, expect, test } from 'vitest';
import { queryOnce } from '../../../dev/test/support/scratch.ts';
import {
  deleteKeys,
  listKeys,
  listUploads,
  testS3Client,
  uniquePrefix,
} from '../../support/bucket.ts';
import { createRole, createTestDatabase } from '../../support/database.ts';
import { newestServers, testStack, watchLog } from '../../support/stack.ts';

describe.each(newestServers())('a database on $name', (server) => {
  test('is the version its name says', async () => {
    const [row] = await queryOnce(server.url, 'SHOW server_version');
    expect(`postgres-${Number.parseInt(String(row?.server_version), 10)}`).toBe(server.name);
  });

  test('is empty, its own, and gone in the end with its roles, whoever is connected', async () => {
    await using one = await createTestDatabase(server);
    await using two = await createTestDatabase(server);
    await one.query('CREATE TABLE t (n int)');
    expect(await one.query('SELECT $1::int + 1 AS n', [41])).toEqual([{ n: 42 }]);
    await expect(two.query('SELECT * FROM t')).rejects.toMatchObject({ code: '42P01' });

    const role = await createRole(one, 'loader');
    await one.query(`GRANT INSERT ON t TO ${pg.escapeIdentifier(role.name)}`);
    const connected = new pg.Client({ connectionString: role.url });
    connected.on('error', () => undefined);
    await connected.connect();
    await connected.query('INSERT INTO t VALUES (1)');
    await expect(connected.query('SELECT * FROM t')).rejects.toMatchObject({ code: '42501' });
    await one.drop();
    await one.drop();

    const left = `SELECT datname AS name FROM pg_database WHERE datname = '${one.name}'
      UNION ALL SELECT rolname FROM pg_roles WHERE rolname = '${role.name}'`;
    expect(await queryOnce(server.url, left)).toEqual([]);
    await connected.end().catch(() => undefined);
  });
});

test('a client that a test forgot is reported, and the database is dropped all the same', async () => {
  const database = await createTestDatabase();
  const forgotten = await database.pool.connect();
  forgotten.on('error', () => undefined);
  await expect(database.drop()).rejects.toThrow('did not release every client');
  const left = `SELECT FROM pg_database WHERE datname = '${database.name}'`;
  expect(await queryOnce(database.server.url, left)).toEqual([]);
  forgotten.release(true);
});

test('statements are logged for a role that asks for it, and for no other', async () => {
  await using database = await createTestDatabase();
  const written = watchLog(database.server);
  const logged = await createRole(database, 'logged', { logStatements: true });
  const silent = await createRole(database, 'silent');
  await queryOnce(logged.url, `SELECT 'said by ${logged.name}'`);
  await queryOnce(silent.url, `SELECT 'said by ${silent.name}'`);
  const log = written();
  expect(log).toContain(`statement: SELECT 'said by ${logged.name}'`);
  expect(log).not.toContain(`said by ${silent.name}`);
  expect(log).not.toContain(logged.password);
});

test('objects and unfinished uploads below a prefix are listed, and no others', async () => {
  const prefix = uniquePrefix();
  const { bucket } = testStack().s3;
  const client = testS3Client();
  try {
    for (const key of [`${prefix}/b`, `${prefix}/a`, `${prefix}-other/c`]) {
      await client.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: 'x' }));
    }
    const upload = { Bucket: bucket, Key: `${prefix}/unfinished` };
    const { UploadId } = await client.send(new CreateMultipartUploadCommand(upload));
    expect(await listKeys(`${prefix}/`)).toEqual([`${prefix}/a`, `${prefix}/b`]);
    expect(await listUploads(prefix)).toEqual([{ key: upload.Key, uploadId: UploadId }]);

    await client.send(new AbortMultipartUploadCommand({ ...upload, UploadId }));
    await deleteKeys(prefix);
    expect(await listUploads(prefix)).toEqual([]);
    expect(await listKeys(prefix)).toEqual([]);
  } finally {
    client.destroy();
  }
});
