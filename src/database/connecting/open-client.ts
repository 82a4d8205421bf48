import os from 'node:os';
import type pg from 'pg';
import type { Connection } from '../../config/access-schema.ts';
import { type AttemptFailure, encryptionOrder, nextTry } from '../../core/connection/encryption.ts';
import type { ConnectionOptions } from '../../core/connection/keywords.ts';
import {
  type ConnectionTarget,
  connectionTarget,
  type Host,
  type SessionAttributes,
} from '../../core/connection/target.ts';
import { keepSecret } from '../../core/redaction.ts';
import { RelytError } from '../../errors.ts';
import { connectionError } from '../connection-error.ts';
import { attempt, attemptFailure } from './attempt.ts';
import { givenOptions } from './given-options.ts';
import { hiddenPassword, passwordFor } from './password.ts';
import { certificateOf, tlsOptions } from './tls-options.ts';

/** All that a connection is made from. */
interface Route {
  readonly connection: Connection;
  readonly options: ConnectionOptions;
  readonly target: ConnectionTarget;
  readonly config: pg.ClientConfig;
}

/**
 * A new connection, to the first server that takes it, in the order and with the encryption that libpq would try.
 * @param config what every connection has, wherever it goes
 * @throws RelytError CONFIG_INVALID, DATABASE_… of the server that came nearest
 */
export async function openClient(
  connection: Connection,
  config: pg.ClientConfig,
): Promise<pg.Client> {
  const options = await givenOptions(connection);
  keepSecret(hiddenPassword(options));
  const target = connectionTarget(options, systemUser());
  const route = { connection, options, target, config };
  const hosts = target.inRandomOrder ? shuffled(target.hosts) : target.hosts;
  let outcome = await firstOf(route, hosts, target.attributes);
  if ('error' in outcome && outcome.failure === 'unsuitable' && prefersOnly(target))
    outcome = await firstOf(route, hosts, 'any');
  if ('error' in outcome) throw outcome.error;
  return outcome.client;
}

type Outcome =
  | { readonly client: pg.Client }
  | { readonly error: RelytError; readonly failure: AttemptFailure | undefined };

/** Tries one host after the other; what is said at the end names all of them. */
async function firstOf(
  route: Route,
  hosts: readonly Host[],
  attributes: SessionAttributes,
): Promise<Outcome> {
  let told: Exclude<Outcome, { readonly client: pg.Client }> | undefined;
  for (const host of hosts) {
    const outcome = await tryHost(route, host, attributes);
    if ('client' in outcome) return outcome;
    const { error, failure } = outcome;
    if (failure !== 'unreachable' && failure !== 'unsuitable') return outcome;
    // A server that is there, but of another kind, says more than one that is not there.
    const wasUnsuitable = told?.failure === 'unsuitable' || failure === 'unsuitable';
    told = { error: both(told?.error, error), failure: wasUnsuitable ? 'unsuitable' : failure };
  }
  return (
    told ?? { error: new RelytError('INTERNAL', 'There was no host to try.'), failure: undefined }
  );
}

function both(
  first: RelytError | undefined,
  { code, message, hint, cause }: RelytError,
): RelytError {
  return new RelytError(code, first === undefined ? message : `${first.message} ${message}`, {
    hint,
    cause,
  });
}

/** Tries a host with and without TLS, as its mode wants it. */
async function tryHost(route: Route, host: Host, attributes: SessionAttributes): Promise<Outcome> {
  const { target } = route;
  const order = orderOf(route, host);
  let told: { readonly error: unknown; readonly failure: AttemptFailure | undefined } | undefined;
  for (const [index, encrypted] of order.entries()) {
    try {
      const config = await configFor(route, host, encrypted);
      return { client: await attempt(config, { host, target }, attributes) };
    } catch (error) {
      const failure = attemptFailure(error);
      // With TLS the server says what is wrong; without it, perhaps only that TLS is missing.
      if (told === undefined || encrypted || told.failure === 'tls') told = { error, failure };
      const isLast = index === order.length - 1;
      const next = failure === undefined ? 'stop' : nextTry(failure, { encrypted, isLast });
      if (next !== 'other encryption') break;
    }
  }
  const place = `${host.name}:${host.port}/${target.database}`;
  return { error: connectionError(told?.error, place), failure: told?.failure };
}

function orderOf({ connection: { ssl }, target }: Route, host: Host): readonly boolean[] {
  if (ssl !== undefined) return [ssl !== false];
  return encryptionOrder(target.sslMode, host.name.startsWith('/') && host.address === undefined);
}

async function configFor(route: Route, host: Host, encrypted: boolean): Promise<pg.ClientConfig> {
  const { connection, options, target, config } = route;
  const commandLine = options.get('options');
  const password = () => passwordFor(connection, options, { target, host });
  return {
    ...config,
    ...(commandLine === undefined ? {} : { options: commandLine }),
    password,
    ssl: encrypted ? await tlsFor(route, host) : false,
    sslnegotiation: encrypted && target.isDirectTls ? 'direct' : 'postgres',
  };
}

/** Options of the caller's own stay as they are, except for what they leave out: whose certificate it must be. */
function tlsFor({ connection: { ssl }, options, target }: Route, host: Host) {
  if (ssl === undefined || ssl === false) return tlsOptions(options, target.sslMode, host.name);
  const given = typeof ssl === 'object' ? ssl : {};
  return { ...certificateOf(host.name), ...given };
}

function prefersOnly({ attributes }: ConnectionTarget): boolean {
  return attributes === 'prefer-standby';
}

function shuffled(hosts: readonly Host[]): Host[] {
  const keyed = hosts.map((host) => ({ host, key: Math.random() }));
  return keyed.sort((a, b) => a.key - b.key).map(({ host }) => host);
}

/** Who runs this process; a container may run it as a user that has no name. */
function systemUser(): string {
  try {
    return os.userInfo().username;
  } catch {
    return process.env.USER || process.env.USERNAME || 'postgres';
  }
}
