import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import type { AttemptFailure } from '../../core/connection/encryption.ts';
import type { ConnectionTarget, Host, SessionAttributes } from '../../core/connection/target.ts';
import { classOf, SQLSTATE_CLASS } from '../../core/sqlstate.ts';
import { RelytError } from '../../errors.ts';
import { NO_TLS, UNTRUSTED_CERTIFICATE } from '../connection-error.ts';
import { isServerError } from '../server-error.ts';
import type { Statement } from '../statement.ts';

/** The server took the connection and then said nothing more: libpq counts that against connect_timeout, too. */
class SilentServerError extends Error {
  constructor(limitMs: number) {
    super(`the server did not say within ${limitMs / 1000} s whether it is a primary or a standby`);
    this.name = 'SilentServerError';
  }
}

/** A server that is there, but is not of the kind that was asked for. */
class UnsuitableServerError extends Error {
  constructor(wanted: SessionAttributes) {
    super(`the server is not ${wanted}, as target_session_attrs asks for`);
    this.name = 'UnsuitableServerError';
  }
}

interface SessionState {
  readonly standby: boolean;
  readonly read_only: string;
}

const sessionState = (): Statement => ({
  name: 'sessionState',
  text: `select pg_catalog.pg_is_in_recovery() as standby,
       pg_catalog.current_setting('transaction_read_only') as read_only`,
});

/**
 * Connects once.
 * @throws what node-postgres says, UnsuitableServerError; nothing is left open then
 */
export async function attempt(
  config: pg.ClientConfig,
  { host, target }: { readonly host: Host; readonly target: ConnectionTarget },
  attributes: SessionAttributes,
): Promise<pg.Client> {
  const client = new pg.Client({
    ...config,
    host: host.address ?? host.name,
    port: host.port,
    user: target.user,
    database: target.database,
    connectionTimeoutMillis: target.timeoutMs ?? 0,
    keepAlive: target.keepAliveAfterMs !== undefined,
    keepAliveInitialDelayMillis: target.keepAliveAfterMs ?? 0,
  });
  // A connection that breaks while nothing waits for it would end the process; a caller that waits gets the error anyway.
  client.on('error', () => {});
  const began = performance.now();
  try {
    await client.connect();
    if (attributes === 'any') return client;
    await checkSession(client, attributes, limitSince(began, target.timeoutMs));
    return client;
  } catch (error) {
    client.end().catch(() => undefined);
    throw error;
  }
}

interface Limit {
  readonly limitMs: number;
  readonly leftMs: number;
}

/** What is left of the time that an attempt may take; undefined for no limit. */
function limitSince(began: number, limitMs: number | undefined): Limit | undefined {
  if (limitMs === undefined) return undefined;
  return { limitMs, leftMs: Math.max(1, Math.ceil(limitMs - (performance.now() - began))) };
}

async function checkSession(
  client: pg.Client,
  wanted: SessionAttributes,
  limit: Limit | undefined,
): Promise<void> {
  const { rows } = await askedWithin(client, limit);
  const isStandby = rows[0]?.standby === true;
  const isReadOnly = isStandby || rows[0]?.read_only === 'on';
  const suits: Readonly<Record<SessionAttributes, boolean>> = {
    any: true,
    'read-write': !isReadOnly,
    'read-only': isReadOnly,
    primary: !isStandby,
    standby: isStandby,
    'prefer-standby': isStandby,
  };
  if (!suits[wanted]) throw new UnsuitableServerError(wanted);
}

/** When the time is up the attempt fails, and its caller ends the client, which also ends the question. */
async function askedWithin(
  client: pg.Client,
  limit: Limit | undefined,
): Promise<pg.QueryResult<SessionState>> {
  const asked = client.query<SessionState>(sessionState().text);
  if (limit === undefined) return asked;
  const isOver = new AbortController();
  const silence = delay(limit.leftMs, undefined, { signal: isOver.signal }).then(() => {
    throw new SilentServerError(limit.limitMs);
  });
  try {
    return await Promise.race([asked, silence]);
  } finally {
    isOver.abort();
  }
}

/** What a failed attempt means for the next one; undefined where no other attempt can do better. */
export function attemptFailure(error: unknown): AttemptFailure | undefined {
  if (error instanceof RelytError) return undefined;
  if (error instanceof UnsuitableServerError) return 'unsuitable';
  if (isServerError(error) && error.code !== undefined) {
    return classOf(error.code) === SQLSTATE_CLASS.operatorIntervention ? 'unreachable' : 'refused';
  }
  const { message, code } = error as { readonly message: string; readonly code?: string };
  const isTls =
    NO_TLS.test(message) ||
    UNTRUSTED_CERTIFICATE.test(code ?? '') ||
    /^(EPROTO$|ERR_SSL_|ERR_TLS_|ERR_OSSL_)/.test(code ?? '');
  return isTls ? 'tls' : 'unreachable';
}
