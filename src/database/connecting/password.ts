import { createReadStream, type Stats } from 'node:fs';
import { stat } from 'node:fs/promises';
import { getPassword } from 'pgpass/lib/helper.js';
import type { Connection } from '../../config/access-schema.ts';
import type { ConnectionOptions } from '../../core/connection/keywords.ts';
import type { ConnectionTarget, Host } from '../../core/connection/target.ts';
import { keepSecret, redact } from '../../core/redaction.ts';
import { safeCause } from '../../core/safe-error.ts';
import { sentence } from '../../core/sentence.ts';
import { RelytError } from '../../errors.ts';
import { dotFile } from './home-file.ts';

/** Where a socket file stands that a password file calls localhost. */
const USUAL_SOCKET_FOLDERS = ['/tmp', '/run/postgresql', '/var/run/postgresql'];

/**
 * The password that no text may show. Undefined for one that is also the name of something: hiding it would make every
 * message a riddle, and it guards nothing.
 */
export function hiddenPassword(options: ConnectionOptions): string | undefined {
  const password = options.get('password');
  const names = (['host', 'user', 'dbname'] as const).flatMap((name) =>
    options.get(name)?.split(','),
  );
  return names.includes(password) ? undefined : password;
}

/**
 * The password for one more connection, asked for only when the server wants one.
 * @throws RelytError DATABASE_AUTH_FAILED where there is none, DATABASE_UNREACHABLE where the caller's function failed
 */
export async function passwordFor(
  { password }: Connection,
  options: ConnectionOptions,
  place: { readonly target: ConnectionTarget; readonly host: Host },
): Promise<string> {
  const given = options.get('password');
  if (given !== undefined) return given;
  const found =
    typeof password === 'function' ? await fetched(password) : await inFile(options, place);
  if (found !== undefined) return found;
  throw new RelytError(
    'DATABASE_AUTH_FAILED',
    'The server asks for a password, and there is none.',
    {
      hint: 'Give it as `password`, in PGPASSWORD or in ~/.pgpass, which only its owner may read.',
    },
  );
}

async function fetched(fetch: () => string | Promise<string>): Promise<string> {
  let found: unknown;
  try {
    found = await fetch();
  } catch (error) {
    const reason = redact(error instanceof Error ? error.message : String(error));
    throw new RelytError(
      'DATABASE_UNREACHABLE',
      sentence(`The function \`password\` failed: ${reason}`),
      {
        hint: 'See the error of the function for the reason; it is called for each new connection.',
        cause: safeCause(error),
      },
    );
  }
  if (typeof found !== 'string' || found === '') {
    throw new RelytError('CONFIG_INVALID', 'The function `password` returned no password.', {
      hint: 'Return a string that is not empty, or a promise of one.',
    });
  }
  keepSecret(found);
  return found;
}

/** The format is read by the library; its own look at the file would let an empty PGPASSWORD switch the file off. */
async function inFile(
  options: ConnectionOptions,
  { target, host }: { readonly target: ConnectionTarget; readonly host: Host },
): Promise<string | undefined> {
  const file = options.get('passfile') ?? dotFile('.pgpass');
  const found = await stat(file).catch(() => undefined);
  if (found === undefined || !isPrivate(found)) return undefined;
  const wanted = {
    host: USUAL_SOCKET_FOLDERS.includes(host.name) ? 'localhost' : host.name,
    port: host.port,
    database: target.database,
    user: target.user,
  };
  const password = await new Promise<string | undefined>((resolve) => {
    getPassword(wanted, createReadStream(file), resolve);
  });
  keepSecret(password);
  return password;
}

/** As libpq has it: a file that others can read is not trusted. Windows has no such bits. */
function isPrivate(file: Stats): boolean {
  return file.isFile() && (process.platform === 'win32' || (file.mode & 0o077) === 0);
}
