import { SQLSTATE } from '../core/sqlstate.ts';
import { RelytError } from '../errors.ts';
import { databaseError } from './database-error.ts';

/** Node's codes for a certificate that could not be trusted. */
export const UNTRUSTED_CERTIFICATE =
  /^(CERT_|UNABLE_TO_|SELF_SIGNED_|DEPTH_ZERO_|ERR_TLS_CERT_|INVALID_CA$|HOSTNAME_MISMATCH$)/;

/** What node-postgres says of a server without TLS, and of a connection that ends before TLS has begun. */
export const NO_TLS = /does not support SSL|establishing an SSL|before secure TLS connection/;

/**
 * Why there is no connection, where it should have gone to, and what to do where it is about TLS.
 * @param place `host:port/database`
 */
export function connectionError(error: unknown, place: string): RelytError {
  if (error instanceof RelytError && error.code === 'CONFIG_INVALID') return error;
  const doing = `connect to ${place}`;
  if (error instanceof RelytError) {
    const { code, message, details, hint, cause } = error;
    return new RelytError(code, `Could not ${doing}: ${message}`, { details, hint, cause });
  }
  const failure = databaseError(error, doing);
  const hint = tlsHint(error);
  if (hint === undefined) return failure;
  const { code, message, details, cause } = failure;
  return new RelytError(code, message, { details, hint, cause });
}

/** What to do about TLS; undefined where something else went wrong. */
function tlsHint(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  if (error.message.includes('does not support SSL'))
    return 'Leave `ssl` out (in a connection string: sslmode=disable), or have TLS enabled on the server, which does not support it now.';
  if (UNTRUSTED_CERTIFICATE.test(code))
    return "Give the authority of the server's certificate, which is not trusted, with `ssl: { ca }` (in a connection string: sslrootcert=FILE), and connect to the name that the certificate is issued for.";
  // Up to PostgreSQL 13 the server says `SSL off`.
  if (code === SQLSTATE.invalidAuthorization && /no encryption|SSL off/.test(error.message))
    return 'Set `ssl: true` (in a connection string: sslmode=verify-full), or check pg_hba.conf on the server: it refuses a connection without TLS, or this user.';
  return undefined;
}
