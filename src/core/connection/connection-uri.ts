/** A connection URI as libpq reads it. `URL` does not: it knows one host, and reads less of a password. */

import { RelytError } from '../../errors.ts';

const URI =
  /^postgres(?:ql)?:\/\/(?:([^@/:]*)(?::([^@/]*))?@)?([^/?]*)(?:\/([^?]*))?(?:\?([\s\S]*))?$/;
const HOST = /^(\[[^\]]*\]|[^:]*)(?::(\d*))?$/;

/** The options that a URI gives. @throws RelytError CONFIG_INVALID, which quotes nothing of it */
export function uriOptions(uri: string): (readonly [name: string, value: string])[] {
  const match = URI.exec(uri);
  if (match === null) throw malformed();
  const [, user = '', password = '', places = '', database = '', query = ''] = match;
  const asked = query === '' ? [] : query.split('&').map(queryOption);
  const hosts = places.split(',').map((place) => hostOf(place));
  const given = [
    ['user', decoded(user)],
    ['password', decoded(password)],
    ['host', listOf(hosts.map(({ host }) => host))],
    ['port', listOf(hosts.map(({ port }) => port))],
    ['dbname', decoded(database)],
  ] as const;
  if (database.includes('@') && user === '' && !asked.some(([name]) => name === 'user'))
    throw splitPassword();
  return [...given, ...asked];
}

function hostOf(place: string): { readonly host: string; readonly port: string } {
  const match = HOST.exec(place);
  if (match === null) throw place.includes('@') ? splitPassword() : malformed();
  const [, host = '', port = ''] = match;
  return { host: decoded(host.replace(/^\[|\]$/g, '')), port };
}

/** A list in which nothing is said is none. */
function listOf(parts: readonly string[]): string {
  return parts.every((part) => part === '') ? '' : parts.join(',');
}

function queryOption(text: string): readonly [string, string] {
  const [name = '', value, ...more] = text.split('=');
  if (name === '' || value === undefined || more.length > 0) throw malformed();
  // As JDBC writes it.
  if (name === 'ssl' && value === 'true') return ['sslmode', 'require'];
  return [decoded(name), decoded(value)];
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw malformed();
  }
}

function malformed(): RelytError {
  return new RelytError('CONFIG_INVALID', 'The connection URL is malformed.', {
    hint: 'Write it as postgresql://user:password@host:port/database?option=value, with special characters as %XX: / is %2F, ? is %3F, # is %23, @ is %40, % is %25.',
  });
}

/** Parts of the password pass for a port or a database then: nothing of them may be shown (G7). */
function splitPassword(): RelytError {
  return new RelytError(
    'CONFIG_INVALID',
    'The user and password of the connection URL are read as something else.',
    { hint: 'Write special characters in the URL as %XX: / is %2F, ? is %3F, # is %23, @ is %40.' },
  );
}
