// Habits of psql (G8): services, password files, password functions, several hosts.

import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import type { Connection } from '../../../src/config/access-schema.ts';
import { redact } from '../../../src/core/redaction.ts';
import { Database } from '../../../src/database/database.ts';
import { createRole, createTestDatabase, type TestDatabase } from '../../support/database.ts';
import { silenceAfterStart } from '../../support/silent-server.ts';
import { TlsServer } from '../../support/tls-server.ts';
import { relyt } from '../cli/relyt.ts';

let database: TestDatabase;
let standby: TlsServer;

beforeAll(async () => {
  [database, standby] = await Promise.all([createTestDatabase(), TlsServer.start()]);
  await standby.makeStandby();
});
afterAll(async () => {
  await database.drop();
  await standby[Symbol.asyncDispose]();
});

afterEach(() => vi.unstubAllEnvs());

const whoAndWhere = {
  name: 'whoAndWhere',
  text: 'select current_user::text as role, current_database()::text as db, inet_server_port() as port, pg_is_in_recovery() as standby',
};

interface Place {
  readonly role: string;
  readonly db: string;
  readonly port: number;
  readonly standby: boolean;
}

async function reached(connection: Connection): Promise<Place | undefined> {
  const session = new Database(connection, { connections: 2, applicationName: 'test' });
  try {
    const [place] = await session.query<Place>(whoAndWhere);
    return place;
  } finally {
    await session.close();
  }
}

function written(name: string, text: string, mode = 0o600): string {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'relyt-connecting-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const file = path.join(folder, name);
  writeFileSync(file, text, { mode });
  return file;
}

/** host, port, user, dbname of the test's database, as a service writes them. */
function lines(...without: readonly string[]): string {
  const { hostname, port, username, password } = new URL(database.url);
  const all = { host: hostname, port, user: username, dbname: database.name, password };
  return Object.entries(all)
    .filter(([name]) => !without.includes(name))
    .map(([name, value]) => `${name}=${value}`)
    .join('\n');
}

describe('a service', () => {
  test('is found by string and variable, in the own file and in that of the machine', async () => {
    const file = written('pg_service.conf', `[other]\nhost=nowhere.invalid\n[mine]\n${lines()}\n`);
    const here = { db: database.name };
    vi.stubEnv('PGSERVICEFILE', file);
    expect(await reached({ connectionString: 'service=mine' })).toMatchObject(here);
    expect(await reached({ connectionString: 'postgres://?service=mine' })).toMatchObject(here);
    vi.stubEnv('PGSERVICE', 'mine');
    expect(await reached({})).toMatchObject(here);
    vi.stubEnv('PGSERVICEFILE', undefined);
    expect(await reached({ connectionString: `servicefile=${file}` })).toMatchObject(here);
    vi.stubEnv('HOME', path.dirname(written('none', '')));
    vi.stubEnv('PGSYSCONFDIR', path.dirname(file));
    expect(await reached({})).toMatchObject(here);
    vi.stubEnv('PGSYSCONFDIR', undefined);
    vi.stubEnv('HOME', path.dirname(written('.pg_service.conf', `[mine]\n${lines()}`)));
    expect(await reached({})).toMatchObject(here);
  });

  test('comes before the environment and after what is said beside it', async () => {
    vi.stubEnv('PGSERVICEFILE', written('f', `[mine]\n${lines()}`));
    vi.stubEnv('PGHOST', 'nowhere.invalid');
    vi.stubEnv('PGDATABASE', 'nothing');
    expect(await reached({ connectionString: 'service=mine dbname=postgres' })).toMatchObject({
      db: 'postgres',
    });
    expect(await reached({ connectionString: 'service=mine', database: 'postgres' })).toMatchObject(
      { db: 'postgres' },
    );
  });

  test('that is not defined, or asks for what is not supported, is refused', async () => {
    vi.stubEnv('PGSERVICEFILE', written('f', `[mine]\n${lines()}\nrequirepeer=x`));
    await expect(reached({ connectionString: 'service=mine' })).rejects.toThrow(/requirepeer/);
    await expect(reached({ connectionString: 'service=no' })).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      hint: expect.stringContaining('PGSYSCONFDIR'),
    });
    vi.stubEnv('PGSERVICEFILE', '/nowhere/at/all');
    await expect(reached({ connectionString: 'service=no' })).rejects.toThrow(/ENOENT/);
  });

  test('serves the command', async () => {
    const env = { PGSERVICE: 'mine', PGSERVICEFILE: written('f', `[mine]\n${lines()}`) };
    expect(await relyt(['engines', '--json'], { env })).toMatchObject({ code: 0 });
    const pairs = lines().replaceAll('\n', ' ');
    expect(await relyt(['engines', '--database-url', pairs])).toMatchObject({ code: 0 });
    const refused = await relyt(['engines', '--database-url', `${pairs} requirepeer=x`]);
    expect(refused).toMatchObject({ code: 2, stderr: expect.stringContaining('"requirepeer"') });
  });
});

describe('a password', () => {
  const entry = (password: string) => {
    const { hostname, port, username } = new URL(database.url);
    return `# of the test\nother:*:*:*:never\n${hostname}:${port}:*:${username}:${password}\n`;
  };
  const connection = () => ({ connectionString: lines('password').replaceAll('\n', ' ') });
  const right = () => decodeURIComponent(new URL(database.url).password);

  test('is read from a password file', async () => {
    const file = written('.pgpass', entry(right().replace(/[:\\]/g, '\\$&')));
    vi.stubEnv('PGPASSWORD', undefined);
    vi.stubEnv('PGPASSFILE', file);
    expect(await reached(connection())).toMatchObject({ db: database.name });
    vi.stubEnv('PGPASSFILE', undefined);
    const named = { connectionString: `${connection().connectionString} passfile=${file}` };
    expect(await reached(named)).toMatchObject({ db: database.name });
    vi.stubEnv('HOME', path.dirname(file));
    expect(await reached(connection())).toMatchObject({ db: database.name });
    expect(redact(`it is ${right()}`)).not.toContain(right());
  });

  test('that PGPASSWORD leaves empty is read from the file, which only its owner may read', async () => {
    const file = written('.pgpass', entry(right().replace(/[:\\]/g, '\\$&')));
    vi.stubEnv('PGPASSWORD', '');
    vi.stubEnv('PGPASSFILE', file);
    expect(await reached(connection())).toMatchObject({ db: database.name });
    chmodSync(file, 0o640);
    await expect(reached(connection())).rejects.toMatchObject({ code: 'DATABASE_AUTH_FAILED' });
  });

  test('that is nowhere to be found is missed with a hint', async () => {
    vi.stubEnv('HOME', path.dirname(written('none', '')));
    const missing = { code: 'DATABASE_AUTH_FAILED', hint: expect.stringContaining('PGPASSWORD') };
    await expect(reached(connection())).rejects.toMatchObject(missing);
  });

  test('is asked of a function for each new connection', async () => {
    const role = await createRole(database, 'expiring');
    let calls = 0;
    const password = async () => {
      calls++;
      return role.password;
    };
    const { username, host } = new URL(role.url);
    const session = new Database(
      { connectionString: `postgres://${username}@${host}/${database.name}`, password },
      { connections: 3, applicationName: 'test' },
    );
    try {
      const sleep = { name: 'sleep', text: 'select pg_sleep(0.3)' };
      await Promise.all([session.query(sleep), session.query(sleep), session.query(sleep)]);
      expect(calls).toBe(3);
      await session.query(sleep);
      expect(calls).toBe(3);
    } finally {
      await session.close();
    }
  });

  test('whose function fails is no connection, which may be tried again', async () => {
    const failing = () => Promise.reject(new Error('token=abc.def.ghi is over'));
    const failure = await reached({ ...connection(), password: failing }).catch((error) => error);
    expect(failure).toMatchObject({ code: 'DATABASE_UNREACHABLE' });
    expect(failure.message).toMatch(/function `password` failed/);
    expect(failure.message).not.toContain('abc.def');
    for (const nothing of [undefined, '', 7]) {
      const password = () => nothing as string;
      await expect(reached({ ...connection(), password })).rejects.toMatchObject({
        code: 'CONFIG_INVALID',
      });
    }
  });
});

describe('several hosts', () => {
  /** Nobody listens on port 1; then the standby; then the primary. */
  const all = (query: string) => {
    const { port, username, password } = new URL(database.url);
    const own = `postgres://${username}:${password}@127.0.0.1:1,127.0.0.1:${standby.port},127.0.0.1:${port}`;
    return { connectionString: `${own}/postgres?${query}` };
  };

  test('are tried in their order, and an unreachable one is passed over', async () => {
    const { port } = new URL(database.url);
    const connection = {
      connectionString: database.url.replace('@127.0.0.1', '@127.0.0.1:1,127.0.0.1'),
    };
    expect(await reached(connection)).toMatchObject({ port: Number(port) });
  });

  test.each([
    ['primary', false],
    ['read-write', false],
    ['standby', true],
    ['read-only', true],
    ['prefer-standby', true],
  ])('target_session_attrs=%s finds its server', async (attributes, isStandby) => {
    const passwords = [standby.url(), database.url].map((text) => new URL(text));
    const passfile = written(
      'pass',
      passwords
        .map((url) => `127.0.0.1:${url.port}:*:*:${decodeURIComponent(url.password)}\n`)
        .join(''),
    );
    const { connectionString } = all(`target_session_attrs=${attributes}&passfile=${passfile}`);
    const withoutPassword = connectionString.replace(/:[^:@/]*@/, '@');
    expect(await reached({ connectionString: withoutPassword })).toMatchObject({
      standby: isStandby,
    });
  });

  test('of which none suits are named, and prefer-standby takes what there is', async () => {
    const wanting = (attributes: string) => ({
      connectionString: `${database.url.replace('@127.0.0.1', '@127.0.0.1:1,127.0.0.1')}?target_session_attrs=${attributes}`,
    });
    const failure = await reached(wanting('standby')).catch((error) => error);
    expect(failure).toMatchObject({ code: 'DATABASE_UNREACHABLE' });
    expect(failure.message).toMatch(/127\.0\.0\.1:1\/.*\. Could not connect to .*not standby/);
    expect(await reached(wanting('prefer-standby'))).toMatchObject({ standby: false });
  });

  test('G8: one that takes the connection and says nothing more is given up in time', async () => {
    await using silent = await silenceAfterStart();
    const { host, username, password } = new URL(database.url);
    const places = `${username}:${password}@127.0.0.1:${silent.port},${host}`;
    const query = 'target_session_attrs=primary&connect_timeout=2';
    const began = performance.now();
    const place = await reached({ connectionString: `postgres://${places}/postgres?${query}` });
    expect(place).toMatchObject({ standby: false });
    expect(silent.asked).toBe(1);
    expect(performance.now() - began).toBeLessThan(10_000);
    const alone = `postgres://${username}:x@127.0.0.1:${silent.port}/postgres?${query}`;
    await expect(reached({ connectionString: alone })).rejects.toMatchObject({
      code: 'DATABASE_UNREACHABLE',
      message: expect.stringContaining('within 2 s'),
    });
  });

  test('end with the one that refuses the password', async () => {
    const wrong = all('').connectionString.replace(/:[^:@/]*@/, ':wrong-password@');
    await expect(reached({ connectionString: wrong })).rejects.toMatchObject({
      code: 'DATABASE_AUTH_FAILED',
    });
  });
});

test('variables that ask for what is not supported are refused by name', async () => {
  vi.stubEnv('PGREQUIREPEER', 'postgres');
  await expect(reached({ connectionString: database.url })).rejects.toThrow(/PGREQUIREPEER/);
});
