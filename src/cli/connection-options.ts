import { type Command, Option } from 'commander';
import { Database } from '../database/database.ts';
import { RelytError } from '../errors.ts';

export interface ConnectionFlags {
  readonly databaseUrl?: string | undefined;
}

/** `--database-url`; what the URL leaves out comes from PG* variables, as with psql. */
export function addConnectionOptions(command: Command): Command {
  return command
    .addOption(
      new Option('--database-url <url>', 'postgresql://user:password@host:port/database').env(
        'DATABASE_URL',
      ),
    )
    .addHelpText(
      'after',
      `
Connection:
  --database-url, else DATABASE_URL, else PGHOST, PGPORT, PGUSER, PGPASSWORD, PGDATABASE and ~/.pgpass.
  All users of the machine can see a password on the command line: prefer the environment.`,
    );
}

/** The connection the flags ask for. @throws RelytError CONFIG_INVALID, which never quotes the URL */
export function connectionOf(flags: ConnectionFlags): { readonly connectionString?: string } {
  const url = flags.databaseUrl;
  if (url === undefined || url === '') return {};
  if (!/^postgres(ql)?:\/\//.test(url) || !URL.canParse(url)) {
    throw new RelytError('CONFIG_INVALID', 'The database URL is not valid.', {
      hint: 'It reads postgresql://user:password@host:port/database; write special characters of the password as %XX.',
    });
  }
  return { connectionString: url };
}

/** One connection for the work of a command. */
export async function withConnection<T>(
  flags: ConnectionFlags,
  work: (database: Database) => Promise<T>,
): Promise<T> {
  const database = new Database(connectionOf(flags), {
    connections: 1,
    applicationName: 'relyt',
  });
  try {
    return await work(database);
  } finally {
    await database.close();
  }
}
