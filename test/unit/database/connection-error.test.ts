// G7 and G8: why there is no connection, and where to; nothing of the password.

import { inspect } from 'node:util';
import { DatabaseError } from 'pg';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { connectionError } from '../../../src/database/connection-error.ts';

const refused = () => failure('connect ECONNREFUSED', 'ECONNREFUSED');

function failure(message: string, code?: string): Error {
  return Object.assign(new Error(message), code === undefined ? {} : { code });
}

function serverError(code: string, message: string): DatabaseError {
  return Object.assign(new DatabaseError(message, message.length, 'error'), { code });
}

afterEach(() => {
  vi.unstubAllEnvs();
});

describe('a connection that cannot be made (G8)', () => {
  test.each([
    [{ connectionString: 'postgres://me:a%2Fsecret@db.local:6543/app' }, 'db.local:6543/app'],
    [{ host: 'db.local', port: 6543, user: 'me', database: 'app' }, 'db.local:6543/app'],
    [{ host: '/run/postgresql', user: 'me' }, '/run/postgresql:5432/me'],
    [{}, 'from.env:7777/elsewhere'],
  ])('says where to: %o', (target, place) => {
    if (Object.keys(target).length === 0) {
      vi.stubEnv('PGHOST', 'from.env');
      vi.stubEnv('PGPORT', '7777');
      vi.stubEnv('PGDATABASE', 'elsewhere');
    } else {
      for (const name of ['PGHOST', 'PGPORT', 'PGDATABASE', 'PGUSER']) vi.stubEnv(name, undefined);
    }
    const error = connectionError(refused(), target);
    expect(error.code).toBe('DATABASE_UNREACHABLE');
    expect(error.message).toBe(`could not connect to ${place}: connect ECONNREFUSED`);
    expect(inspect(error, { depth: 9, showHidden: true })).not.toContain('secret');
  });

  test.each([
    [
      'TLS that the server has not',
      failure('The server does not support SSL connections'),
      /leave `ssl` out/,
    ],
    ['a certificate of nobody known', failure('self-signed', 'DEPTH_ZERO_SELF_SIGNED_CERT'), /ca/],
    ['a certificate of another host', failure('altnames', 'ERR_TLS_CERT_ALTNAME_INVALID'), /ca/],
    [
      'TLS missing',
      serverError('28000', 'no pg_hba.conf entry for host "::1", no encryption'),
      /`ssl: true`/,
    ],
    ['a user the server does not want', serverError('28P01', 'password'), /pg_hba\.conf/],
    ['a server that is not there', refused(), /network/],
  ])('says what to do about %s', (_, thrown, hint) => {
    expect(connectionError(thrown, { host: 'h' }).hint).toMatch(hint);
  });

  test.each([
    'postgres://me:12/sec@h/app',
    'postgres://me:12?sec@h/app',
    'postgres://me:12#sec@h/app',
    'postgres://me:1x/sec@h/app',
  ])('shows nothing of a password that the URL is cut in: %s (G7)', (connectionString) => {
    const said = serverError('3D000', 'database "sec@h/app" does not exist');
    const error = connectionError(said, { connectionString });
    expect(error.hint).toContain('%2F');
    expect(error.message).not.toMatch(/12|1x|sec\b/);
    expect(error.cause).toBeUndefined();
  });
});
