import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Connection } from '../../config/access-schema.ts';
import { connectionOptions } from '../../core/connection/connection-string.ts';
import {
  type ConnectionOptions,
  checkedOptions,
  environmentOptions,
  type Keyword,
} from '../../core/connection/keywords.ts';
import { serviceOptions } from '../../core/connection/service-file.ts';
import { RelytError } from '../../errors.ts';
import { dotFile } from './home-file.ts';

const TLS_OPTIONS: readonly Keyword[] = [
  'sslmode',
  'sslnegotiation',
  'sslrootcert',
  'sslcrl',
  'sslcert',
  'sslkey',
  'sslpassword',
  'sslcertmode',
  'ssl_min_protocol_version',
  'ssl_max_protocol_version',
];

/**
 * All options of a connection, each from the nearest place that gives it: the connection string, the other settings,
 * the service, the environment. Read again for each connection, as libpq does.
 * @throws RelytError CONFIG_INVALID
 */
export async function givenOptions(connection: Connection): Promise<ConnectionOptions> {
  const own = ownOptions(connection);
  const environment = environmentOptions(process.env);
  const near = new Map([...environment, ...own]);
  const service = near.get('service');
  const ofService =
    service === undefined ? [] : await readService(service, near.get('servicefile'));
  const far = new Map([...environment, ...ofService]);
  // These settings have no text, and yet come before what the service and the environment say.
  if (typeof connection.password === 'function') far.delete('password');
  if (connection.ssl !== undefined) for (const name of TLS_OPTIONS) far.delete(name);
  return new Map([...far, ...own]);
}

/** What the settings themselves say; the string comes before the others. @throws RelytError CONFIG_INVALID */
export function ownOptions(connection: Connection): ConnectionOptions {
  const { connectionString, host, port, username, password, database } = connection;
  const inString = connectionString === undefined ? [] : connectionOptions(connectionString);
  const settings = checkedOptions(
    [
      ['host', host ?? ''],
      ['port', port === undefined ? '' : String(port)],
      ['user', username ?? ''],
      ['password', typeof password === 'string' ? password : ''],
      ['dbname', database ?? ''],
    ],
    'the settings',
  );
  const own = new Map([...settings, ...inString]);
  const both = TLS_OPTIONS.find((name) => connection.ssl !== undefined && own.has(name));
  if (both === undefined) return own;
  throw new RelytError(
    'CONFIG_INVALID',
    `Both the setting ssl and ${both} of the connection string say how to use TLS.`,
    {
      hint: `Keep one of them: leave out ssl, or take ${both} out of the connection string.`,
    },
  );
}

async function readService(service: string, named: string | undefined): Promise<ConnectionOptions> {
  const files = serviceFiles(named);
  for (const file of files) {
    const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT' && file !== named) return undefined;
      throw new RelytError(
        'CONFIG_INVALID',
        `Could not read the service file ${file}: ${error.code}.`,
        {
          hint: 'Make the file readable, or name another one with PGSERVICEFILE.',
        },
      );
    });
    const options = text === undefined ? undefined : serviceOptions(text, service, file);
    if (options !== undefined) return checkedOptions(options, `the service of ${file}`);
  }
  throw new RelytError('CONFIG_INVALID', 'The service of the connection is not defined.', {
    hint: `Write a section with its name into ${files[0]}, or name another file with PGSERVICEFILE or its folder with PGSYSCONFDIR.`,
  });
}

/** The user's own file first, then that of the machine. Where PostgreSQL keeps the latter only PGSYSCONFDIR tells. */
function serviceFiles(named: string | undefined): string[] {
  const own = named ?? dotFile('.pg_service.conf');
  const folder = process.env.PGSYSCONFDIR;
  return folder ? [own, path.join(folder, 'pg_service.conf')] : [own];
}
