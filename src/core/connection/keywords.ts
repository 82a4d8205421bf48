/** The options of a connection as libpq names them: which there are, and what relyt does with each. */

import { RelytError } from '../../errors.ts';
import { nearestName } from '../nearest-name.ts';

/** Options that relyt acts on, and the variable that gives each one where nothing nearer does. */
const VARIABLES = {
  service: 'PGSERVICE',
  servicefile: 'PGSERVICEFILE',
  host: 'PGHOST',
  hostaddr: 'PGHOSTADDR',
  port: 'PGPORT',
  dbname: 'PGDATABASE',
  user: 'PGUSER',
  password: 'PGPASSWORD',
  passfile: 'PGPASSFILE',
  options: 'PGOPTIONS',
  connect_timeout: 'PGCONNECT_TIMEOUT',
  target_session_attrs: 'PGTARGETSESSIONATTRS',
  load_balance_hosts: 'PGLOADBALANCEHOSTS',
  keepalives: undefined,
  keepalives_idle: undefined,
  sslmode: 'PGSSLMODE',
  sslnegotiation: 'PGSSLNEGOTIATION',
  sslrootcert: 'PGSSLROOTCERT',
  sslcrl: 'PGSSLCRL',
  sslcert: 'PGSSLCERT',
  sslkey: 'PGSSLKEY',
  sslpassword: undefined,
  sslcertmode: 'PGSSLCERTMODE',
  ssl_min_protocol_version: 'PGSSLMINPROTOCOLVERSION',
  ssl_max_protocol_version: 'PGSSLMAXPROTOCOLVERSION',
} as const;

export type Keyword = keyof typeof VARIABLES;

/** Options by their keyword. An empty value is none, as for libpq. */
export type ConnectionOptions = ReadonlyMap<Keyword, string>;

interface Limit {
  /** Values that ask for nothing beyond what relyt does; without them every value is refused. */
  readonly allowed?: RegExp;
  readonly variable?: string;
  readonly hint: string;
}

const HOST_OPTION = 'Leave it out, and set it for the whole machine if you need it.';
const KERBEROS = 'Leave it out: it is for GSSAPI, which relyt does not support.';

/** Options of libpq that relyt takes with some values only, or not at all. Each hint says what to do instead. */
const LIMITED: Readonly<Record<string, Limit>> = {
  application_name: {
    hint: 'Leave it out: relyt names its connections after their task, so that a resume finds them.',
  },
  fallback_application_name: { allowed: /^/, hint: '' },
  client_encoding: {
    allowed: /^(auto|utf-?8)$/i,
    hint: 'Leave it out: relyt always speaks UTF-8, and the server converts.',
  },
  replication: {
    allowed: /^(false|off|no|0)$/i,
    hint: 'Leave it out: a load does not use a replication connection.',
  },
  gssencmode: {
    allowed: /^(disable|prefer)$/,
    variable: 'PGGSSENCMODE',
    hint: 'Leave it out and encrypt with TLS: sslmode=verify-full.',
  },
  krbsrvname: { allowed: /^/, hint: KERBEROS },
  gsslib: { allowed: /^/, hint: KERBEROS },
  gssdelegation: { allowed: /^/, hint: KERBEROS },
  channel_binding: {
    allowed: /^(disable|prefer)$/,
    variable: 'PGCHANNELBINDING',
    hint: 'Leave it out and use sslmode=verify-full, which verifies the server as well.',
  },
  require_auth: {
    variable: 'PGREQUIREAUTH',
    hint: 'Leave it out and use sslmode=verify-full, so that only your server is asked for a password.',
  },
  requirepeer: {
    variable: 'PGREQUIREPEER',
    hint: 'Leave it out and connect over TCP with sslmode=verify-full.',
  },
  sslcompression: {
    allowed: /^0$/,
    variable: 'PGSSLCOMPRESSION',
    hint: 'Leave it out: TLS no longer supports compression.',
  },
  sslsni: { allowed: /^1$/, variable: 'PGSSLSNI', hint: 'Leave it out: the name is always sent.' },
  sslcrldir: {
    variable: 'PGSSLCRLDIR',
    hint: 'Put the revocation lists into one file and name it with sslcrl.',
  },
  sslkeylogfile: {
    hint: 'Leave it out and start the process with NODE_OPTIONS=--tls-keylog=FILE.',
  },
  keepalives_interval: { hint: HOST_OPTION },
  keepalives_count: { hint: HOST_OPTION },
  tcp_user_timeout: { hint: HOST_OPTION },
  min_protocol_version: {
    allowed: /^3\.0$/,
    variable: 'PGMINPROTOCOLVERSION',
    hint: 'Leave it out: relyt uses protocol 3.0.',
  },
  max_protocol_version: { allowed: /^/, hint: 'Leave it out.' },
  scram_client_key: { hint: 'Leave it out and give the password.' },
  scram_server_key: { hint: 'Leave it out and give the password.' },
  oauth_issuer: { hint: 'Leave it out and give a password.' },
  oauth_client_id: { hint: 'Leave it out and give a password.' },
  oauth_client_secret: { hint: 'Leave it out and give a password.' },
  oauth_scope: { hint: 'Leave it out and give a password.' },
  // What node-postgres calls the meaning that sslmode always has here.
  uselibpqcompat: {
    allowed: /^true$/,
    hint: 'Leave it out: sslmode always means what libpq says.',
  },
};

const ALL = [...Object.keys(VARIABLES), ...Object.keys(LIMITED)];

function isKeyword(name: string): name is Keyword {
  return Object.hasOwn(VARIABLES, name);
}

/**
 * The options that relyt acts on.
 * @param place where they are, to complete "… in PLACE"
 * @throws RelytError CONFIG_INVALID for an option that would be ignored. It quotes no value and no unknown name: either may be a secret.
 */
export function checkedOptions(
  given: Iterable<readonly [name: string, value: string]>,
  place: string,
): ConnectionOptions {
  const options = new Map<Keyword, string>();
  for (const [name, value] of given) {
    if (value === '') continue;
    if (isKeyword(name)) options.set(name, value);
    else checkLimit(name, value, place);
  }
  return options;
}

function checkLimit(name: string, value: string, place: string): void {
  const limit = Object.hasOwn(LIMITED, name) ? LIMITED[name] : undefined;
  if (limit?.allowed?.test(value)) return;
  if (limit !== undefined) {
    const what = limit.allowed === undefined ? 'The option' : 'This value of the option';
    throw new RelytError('CONFIG_INVALID', `${what} "${name}" in ${place} is not supported.`, {
      hint: limit.hint,
    });
  }
  const nearest = nearestName(name, ALL);
  throw new RelytError('CONFIG_INVALID', `There is an unknown option in ${place}.`, {
    hint:
      nearest === undefined
        ? 'Use the option names of libpq: host, port, dbname, user, sslmode and so on.'
        : `Did you mean "${nearest}"?`,
  });
}

/**
 * The options that the environment gives.
 * @throws RelytError CONFIG_INVALID naming a variable that would be ignored
 */
export function environmentOptions(env: Readonly<NodeJS.ProcessEnv>): ConnectionOptions {
  for (const [name, { variable, allowed, hint }] of Object.entries(LIMITED)) {
    const value = variable === undefined ? undefined : env[variable];
    if (!value || allowed?.test(value)) continue;
    const message = `The variable ${variable} (${name}) is not supported.`;
    throw new RelytError('CONFIG_INVALID', message, {
      hint: `Unset the variable. As a connection option: ${hint}`,
    });
  }
  const given = Object.entries(VARIABLES).map(
    ([name, variable]) => [name, (variable && env[variable]) || ''] as const,
  );
  return checkedOptions(given, 'the environment');
}
