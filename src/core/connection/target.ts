/** Where a connection goes and what it has to find there, read from options. */

import { RelytError } from '../../errors.ts';
import { choiceOf } from './choice.ts';
import { type SslMode, sslModeOf } from './encryption.ts';
import type { ConnectionOptions, Keyword } from './keywords.ts';

/** A server to try. */
export interface Host {
  readonly name: string;
  /** Spares the lookup of the name; the certificate is still checked against the name. */
  readonly address: string | undefined;
  readonly port: number;
}

const SESSION_ATTRIBUTES = [
  'any',
  'read-write',
  'read-only',
  'primary',
  'standby',
  'prefer-standby',
] as const;
export type SessionAttributes = (typeof SESSION_ATTRIBUTES)[number];

export interface ConnectionTarget {
  readonly hosts: readonly Host[];
  readonly inRandomOrder: boolean;
  readonly user: string;
  readonly database: string;
  readonly attributes: SessionAttributes;
  readonly sslMode: SslMode;
  readonly isDirectTls: boolean;
  /** For each host; undefined for no limit. */
  readonly timeoutMs: number | undefined;
  readonly keepAliveAfterMs: number | undefined;
}

const PORT = '5432';
const TIMEOUT_S = 15;
const KEEP_ALIVE_AFTER_S = 10;

/** @param systemUser who runs this process. @throws RelytError CONFIG_INVALID */
export function connectionTarget(options: ConnectionOptions, systemUser: string): ConnectionTarget {
  const user = options.get('user') ?? systemUser;
  const timeout = numberOf(options, 'connect_timeout') ?? TIMEOUT_S;
  const idle = numberOf(options, 'keepalives_idle') || KEEP_ALIVE_AFTER_S;
  return {
    hosts: hostsOf(options),
    inRandomOrder: choiceOf(options, 'load_balance_hosts', ['disable', 'random']) === 'random',
    user,
    database: options.get('dbname') ?? user,
    attributes: choiceOf(options, 'target_session_attrs', SESSION_ATTRIBUTES) ?? 'any',
    sslMode: sslModeOf(options),
    isDirectTls: choiceOf(options, 'sslnegotiation', ['postgres', 'direct']) === 'direct',
    // As libpq: one second is too short to mean anything, 0 and less mean no limit.
    timeoutMs: timeout <= 0 ? undefined : Math.max(timeout, 2) * 1000,
    keepAliveAfterMs: numberOf(options, 'keepalives') === 0 ? undefined : idle * 1000,
  };
}

function hostsOf(options: ConnectionOptions): Host[] {
  const names = options.get('host')?.split(',');
  const addresses = options.get('hostaddr')?.split(',');
  const ports = (options.get('port') ?? PORT).split(',');
  const count = addresses?.length ?? names?.length ?? 1;
  if ((names?.length ?? count) !== count || (ports.length !== 1 && ports.length !== count)) {
    throw new RelytError(
      'CONFIG_INVALID',
      'The options host, hostaddr and port name different numbers of servers.',
      {
        hint: 'Give the same number of each, separated by commas, or one port for all.',
      },
    );
  }
  return Array.from({ length: count }, (_, index) => {
    const address = addresses?.[index] || undefined;
    const port = (ports.length === 1 ? ports[0] : ports[index]) || PORT;
    return { name: names?.[index] || address || 'localhost', address, port: portOf(port) };
  });
}

function portOf(text: string): number {
  const port = Number(text);
  if (/^\s*\d+\s*$/.test(text) && port >= 1 && port <= 65_535) return port;
  throw new RelytError('CONFIG_INVALID', 'The port of the connection is not valid.', {
    hint: 'Give a number from 1 to 65535.',
  });
}

function numberOf(options: ConnectionOptions, name: Keyword): number | undefined {
  const text = options.get(name);
  if (text === undefined) return undefined;
  if (/^\s*-?\d{1,9}\s*$/.test(text)) return Number(text);
  throw new RelytError(
    'CONFIG_INVALID',
    `The option ${name} of the connection is not a whole number.`,
    {
      hint: `Give ${name} as a whole number, or leave it out.`,
    },
  );
}
