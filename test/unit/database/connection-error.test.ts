// G7 and G8: why there is no connection, and where to.

import { DatabaseError } from 'pg';
import { describe, expect, test } from 'vitest';
import { connectionError } from '../../../src/database/connection-error.ts';
import { RelytError } from '../../../src/errors.ts';

const refused = () => failure('connect ECONNREFUSED', 'ECONNREFUSED');

function failure(message: string, code?: string): Error {
  return Object.assign(new Error(message), code === undefined ? {} : { code });
}

function serverError(code: string, message: string): DatabaseError {
  return Object.assign(new DatabaseError(message, message.length, 'error'), { code });
}

describe('a connection that cannot be made (G8)', () => {
  test('says where to', () => {
    const error = connectionError(refused(), 'db.local:6543/app');
    expect(error.code).toBe('DATABASE_UNREACHABLE');
    expect(error.message).toBe('Could not connect to db.local:6543/app: connect ECONNREFUSED.');
  });

  test('keeps what is known of the password', () => {
    const said = new RelytError('DATABASE_AUTH_FAILED', 'There is none.', { hint: 'Give one.' });
    expect(connectionError(said, 'h:1/d')).toMatchObject({
      code: 'DATABASE_AUTH_FAILED',
      message: 'Could not connect to h:1/d: There is none.',
      hint: 'Give one.',
    });
  });

  test.each([
    [
      'TLS that the server has not',
      failure('The server does not support SSL connections'),
      /Leave `ssl` out/,
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
    expect(connectionError(thrown, 'h:5432/d').hint).toMatch(hint);
  });
});
