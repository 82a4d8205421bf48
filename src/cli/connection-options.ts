import { type Command, Option } from 'commander';
import { connectionOptions } from '../core/connection/connection-string.ts';

export interface ConnectionFlags {
  readonly databaseUrl?: string | undefined;
}

/** `--database-url`; what it leaves out comes from the service and the PG* variables, as with psql. */
export function addConnectionOptions(command: Command): Command {
  return command
    .addOption(
      new Option(
        '--database-url <url>',
        'postgresql://user:password@host:port/database, or key=value pairs as psql takes them',
      ).env('DATABASE_URL'),
    )
    .addHelpText(
      'after',
      `
Connection:
  --database-url, else DATABASE_URL. What they leave out comes from the service (PGSERVICE), from PGHOST, PGPORT,
  PGUSER, PGPASSWORD, PGDATABASE, PGSSLMODE and similar variables, and from ~/.pgpass.
  All users of the machine can see a password on the command line: use the environment instead.`,
    );
}

/** The connection the flags ask for. @throws RelytError CONFIG_INVALID, which quotes no value of it */
export function connectionOf(flags: ConnectionFlags): { readonly connectionString?: string } {
  const text = flags.databaseUrl;
  if (text === undefined || text === '') return {};
  connectionOptions(text);
  return { connectionString: text };
}
