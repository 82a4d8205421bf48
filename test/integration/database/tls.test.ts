// sslmode and the certificates of libpq against a real server with TLS (G7): what is trusted, and what is not.

import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import type { Connection } from '../../../src/config/access-schema.ts';
import { Database } from '../../../src/database/database.ts';
import { defaultServer } from '../../support/stack.ts';
import { TlsServer } from '../../support/tls-server.ts';

let server: TlsServer;

beforeAll(async () => {
  server = await TlsServer.start();
});
afterAll(() => server[Symbol.asyncDispose]());

afterEach(() => vi.unstubAllEnvs());

/** Whether the connection that is made is one with TLS. */
async function encrypted(connection: Connection): Promise<boolean> {
  const database = new Database(connection, { connections: 1, applicationName: 'test' });
  try {
    const [row] = await database.query<{ ssl: boolean }>({
      name: 'ssl',
      text: 'select ssl from pg_stat_ssl where pid = pg_backend_pid()',
    });
    return row?.ssl === true;
  } finally {
    await database.close();
  }
}

const to = (query: string, place: { role?: string; host?: string } = {}) => ({
  connectionString: server.url({ ...place, query }),
});

/** A home of the test's own with these files in its .postgresql. */
function home(files: Readonly<Record<string, string>>): void {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'relyt-home-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  mkdirSync(path.join(folder, '.postgresql'));
  for (const [name, from] of Object.entries(files)) {
    copyFileSync(server.file(from), path.join(folder, '.postgresql', name));
    chmodSync(path.join(folder, '.postgresql', name), 0o600);
  }
  vi.stubEnv('HOME', folder);
}

describe('sslmode decides about TLS', () => {
  test.each([
    ['', true],
    ['sslmode=disable', false],
    ['sslmode=allow', false],
    ['sslmode=prefer', true],
    ['sslmode=require', true],
    ['ssl=true', true],
    ['sslmode=require&sslnegotiation=direct', true],
  ])('on a server that has both: %s', async (query, expected) => {
    home({});
    expect(await encrypted(to(query))).toBe(expected);
  });

  test.each([
    ['allow', 'only_tls', true],
    ['prefer', 'only_tls', true],
    ['allow', 'only_plain', false],
    ['prefer', 'only_plain', false],
  ])('%s gives way to what the server wants of %s', async (mode, role, expected) => {
    home({});
    expect(await encrypted(to(`sslmode=${mode}`, { role }))).toBe(expected);
  });

  test.each([
    ['disable', 'only_tls'],
    ['require', 'only_plain'],
  ])('%s does not: %s', async (mode, role) => {
    home({});
    await expect(encrypted(to(`sslmode=${mode}`, { role }))).rejects.toMatchObject({
      code: 'DATABASE_AUTH_FAILED',
    });
  });

  test.each([
    ['', false],
    ['sslmode=prefer', false],
    ['sslmode=allow', false],
    ['sslmode=require', undefined],
  ])('on a server without TLS: %s', async (query, expected) => {
    home({});
    const connection = { connectionString: `${defaultServer().url}?${query}` };
    if (expected === undefined)
      await expect(encrypted(connection)).rejects.toMatchObject({
        hint: expect.stringMatching(/sslmode=disable/),
      });
    else expect(await encrypted(connection)).toBe(expected);
  });
});

describe('sslmode decides whom to trust', () => {
  test.each([
    ['require', 'localhost', 'ca.crt', true],
    ['require', '127.0.0.1', 'ca.crt', true],
    ['require', 'localhost', 'other.crt', /not trusted/],
    ['require', 'localhost', undefined, true],
    ['verify-ca', '127.0.0.1', 'ca.crt', true],
    ['verify-ca', 'localhost', 'other.crt', /not trusted/],
    ['verify-full', 'localhost', 'ca.crt', true],
    ['verify-full', '127.0.0.1', 'ca.crt', /issued for/],
    ['verify-full', 'localhost', 'other.crt', /not trusted/],
    ['verify-full', 'localhost', undefined, /sslrootcert=system/],
    ['verify-ca', 'localhost', undefined, /sslrootcert=system/],
    ['verify-full', 'localhost', 'system', /not trusted/],
    // A root certificate counts in every mode; only a weak mode may then go on without TLS.
    ['prefer', 'localhost', 'other.crt', false],
  ])('%s to %s with %s', async (mode, host, root, expected) => {
    home({});
    const file = root === undefined || root === 'system' ? root : server.file(root);
    const query = `sslmode=${mode}${file === undefined ? '' : `&sslrootcert=${file}`}`;
    const outcome = encrypted(to(query, { host }));
    if (expected instanceof RegExp)
      await expect(outcome).rejects.toMatchObject({ hint: expect.stringMatching(expected) });
    else expect(await outcome).toBe(expected);
  });

  test('with the authorities of the system', async () => {
    vi.stubEnv('SSL_CERT_FILE', server.file('ca.crt'));
    expect(await encrypted(to('sslrootcert=system'))).toBe(true);
    await expect(encrypted(to('sslrootcert=system', { host: '127.0.0.1' }))).rejects.toThrow();
  });

  test('with variables and with the files of the home folder', async () => {
    home({});
    vi.stubEnv('PGSSLMODE', 'verify-full');
    vi.stubEnv('PGSSLROOTCERT', server.file('ca.crt'));
    expect(await encrypted(to(''))).toBe(true);
    vi.stubEnv('PGSSLROOTCERT', undefined);
    home({ 'root.crt': 'ca.crt' });
    expect(await encrypted(to(''))).toBe(true);
    home({ 'root.crt': 'other.crt' });
    await expect(encrypted(to(''))).rejects.toThrow();
  });

  test('the name is checked even where hostaddr spares its look-up', async () => {
    const query = `hostaddr=127.0.0.1&sslmode=verify-full&sslrootcert=${server.file('ca.crt')}`;
    expect(await encrypted(to(query))).toBe(true);
    await expect(encrypted(to(query, { host: 'other.example' }))).rejects.toThrow();
  });

  test('G7: also with TLS settings of the caller, which say nothing about the name', async () => {
    const ca = readFileSync(server.file('ca.crt'), 'utf8');
    const at = (host: string) => ({ ...to('hostaddr=127.0.0.1', { host }), ssl: { ca } });
    expect(await encrypted(at('localhost'))).toBe(true);
    await expect(encrypted(at('other.example'))).rejects.toThrow();
    const own = { ...at('other.example'), ssl: { ca, servername: 'localhost' } };
    expect(await encrypted(own)).toBe(true);
  });

  test('a revoked certificate is not trusted', async () => {
    const query = (crl: string) =>
      `sslmode=verify-ca&sslrootcert=${server.file('ca.crt')}&sslcrl=${server.file(crl)}`;
    expect(await encrypted(to(query('empty.crl')))).toBe(true);
    await expect(encrypted(to(query('revoked.crl')))).rejects.toThrow(/revoked/);
    home({ 'root.crt': 'ca.crt', 'root.crl': 'revoked.crl' });
    await expect(encrypted(to('sslmode=verify-ca'))).rejects.toThrow(/revoked/);
  });

  test('the setting ssl stands for itself, whatever the environment says', async () => {
    vi.stubEnv('PGSSLMODE', 'disable');
    await expect(encrypted({ ...to(''), ssl: true })).rejects.toThrow();
    expect(await encrypted({ ...to(''), ssl: { rejectUnauthorized: false } })).toBe(true);
    vi.stubEnv('PGSSLMODE', 'verify-full');
    expect(await encrypted({ ...to(''), ssl: false })).toBe(false);
  });

  test('a version that the server does not speak is no connection', async () => {
    home({});
    expect(await encrypted(to('sslmode=require&ssl_min_protocol_version=TLSv1.3'))).toBe(true);
    const old = to(
      'sslmode=require&ssl_min_protocol_version=TLSv1&ssl_max_protocol_version=TLSv1.1',
    );
    await expect(encrypted(old)).rejects.toThrow();
  });
});

describe('a certificate of the client', () => {
  const cert = (name: string) =>
    `sslmode=require&sslcert=${server.file('client.crt')}&sslkey=${server.file(name)}`;

  test('lets its role in', async () => {
    home({});
    expect(await encrypted(to(cert('client.key'), { role: 'by_cert' }))).toBe(true);
    expect(
      await encrypted(to(`${cert('locked.key')}&sslpassword=key-pass`, { role: 'by_cert' })),
    ).toBe(true);
    await expect(encrypted(to('sslmode=require', { role: 'by_cert' }))).rejects.toThrow();
    home({ 'postgresql.crt': 'client.crt', 'postgresql.key': 'client.key' });
    expect(await encrypted(to('sslmode=require', { role: 'by_cert' }))).toBe(true);
    const without = to('sslmode=require&sslcertmode=disable', { role: 'by_cert' });
    await expect(encrypted(without)).rejects.toThrow();
  });

  test('is refused with a key that others may read, and with files that are not there', async () => {
    chmodSync(server.file('server.key'), 0o644);
    await expect(encrypted(to(cert('server.key')))).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      hint: expect.stringContaining('chmod 600'),
    });
    await expect(encrypted(to(cert('nothing.key')))).rejects.toThrow(/nothing\.key: ENOENT/);
  });
});
