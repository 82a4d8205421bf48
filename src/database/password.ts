import type { Connection } from '../access-config.ts';

/**
 * The password a connection is made with, as far as it is known here; `~/.pgpass` is node-postgres's to read. Undefined
 * for one that is also the name of something: hiding it would make every message a riddle, and it guards nothing.
 */
export function passwordOf(connection: Connection): string | undefined {
  const url = urlOf(connection.connectionString);
  const inUrl = url && (decoded(url.password) || url.searchParams.get('password'));
  const password = inUrl || connection.password || process.env.PGPASSWORD;
  const names = [
    connection.host,
    connection.username,
    connection.database,
    ...(url === undefined ? [] : [url.hostname, decoded(url.username), url.pathname.slice(1)]),
  ];
  return password === undefined || names.includes(password) ? undefined : password;
}

function urlOf(text: string | undefined): URL | undefined {
  return text !== undefined && URL.canParse(text) ? new URL(text) : undefined;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
