import pg from 'pg';
import { SQLSTATE } from '../core/sqlstate.ts';
import { RelytError } from '../errors.ts';
import { databaseError } from './database-error.ts';

/** Node's codes for a certificate that could not be trusted. */
const UNTRUSTED =
  /^(CERT_|UNABLE_TO_|SELF_SIGNED_|DEPTH_ZERO_|ERR_TLS_CERT_|INVALID_CA$|HOSTNAME_MISMATCH$)/;

/** Why there is no connection, where it should have gone to, and what to do where it is about TLS. */
export function connectionError(error: unknown, target: pg.PoolConfig): RelytError {
  if (isSplit(target.connectionString)) return splitUrl();
  const failure = databaseError(error, `connect to ${placeOf(target)}`);
  const hint = tlsHint(error);
  if (hint === undefined) return failure;
  const { code, message, details, cause } = failure;
  return new RelytError(code, message, { details, hint, cause });
}

/** `host:port/database` as node-postgres makes it out of settings, URL, PG* variables and its defaults. */
function placeOf(target: pg.PoolConfig): string {
  try {
    const { host, port, database } = new pg.Client(target);
    return `${host}:${port}/${database}`;
  } catch {
    return 'the database';
  }
}

/** Whether a `/`, `?` or `#` in the password has ended the host of a URL too early, and the `@` stands behind it. */
function isSplit(text: string | undefined): boolean {
  if (text === undefined || !text.includes('@')) return false;
  if (!URL.canParse(text)) return true;
  const url = new URL(text);
  return url.username === '' && !url.searchParams.has('user') && !url.searchParams.has('password');
}

/** Parts of the password pass for a port or a database then: nothing that was said of them may be shown (G7). */
function splitUrl(): RelytError {
  return new RelytError(
    'DATABASE_AUTH_FAILED',
    'could not connect to the database: user and password of its URL are read as something else',
    { hint: 'Write special characters in the URL as %XX: / is %2F, ? is %3F, # is %23, @ is %40.' },
  );
}

/** What to do about TLS; undefined where something else went wrong. */
function tlsHint(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  if (error.message.includes('does not support SSL'))
    return 'TLS is asked for, and the server has none: leave `ssl` out (in a URL: sslmode=disable), or have it switched on there.';
  if (UNTRUSTED.test(code))
    return "The server's certificate is not trusted: give its authority with `ssl: { ca }` (in a URL: sslrootcert=FILE), and connect to the name it is made out to.";
  // Up to PostgreSQL 13 the server says `SSL off`.
  if (code === SQLSTATE.invalidAuthorization && /no encryption|SSL off/.test(error.message))
    return 'The server refuses a connection without TLS, or this user: set `ssl: true` (in a URL: sslmode=verify-full), or check pg_hba.conf on the server.';
  return undefined;
}
