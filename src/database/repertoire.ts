import { Repertoire } from '../core/repertoire.ts';
import { RelytError } from '../errors.ts';
import type { Database } from './database.ts';
import { databaseError } from './database-error.ts';
import type { Reader, Session } from './session.ts';
import { databaseEncoding, triedCharacters, tryCharacters } from './statements/repertoire.ts';

/** UTF8 holds every character, and SQL_ASCII any bytes. */
const HOLDS_ALL: ReadonlySet<string> = new Set(['UTF8', 'SQL_ASCII']);

/**
 * What the encoding of the database can store; undefined when that is everything. Asking takes under half a second,
 * and only databases that are not in UTF8 are asked.
 */
export async function readRepertoire(
  session: Reader,
  database: Pick<Database, 'transaction'>,
): Promise<Repertoire | undefined> {
  try {
    const [row] = await session.query<{ encoding: string }>(databaseEncoding());
    if (row === undefined) throw new RelytError('INTERNAL', 'The database has no encoding.');
    const { encoding } = row;
    if (HOLDS_ALL.has(encoding)) return undefined;
    return await database.transaction((transaction) => tried(transaction, encoding));
  } catch (error) {
    throw databaseError(error, "find out what the database's encoding can store");
  }
}

async function tried(transaction: Session, encoding: string): Promise<Repertoire> {
  await transaction.execute(tryCharacters());
  const [row] = await transaction.query<{ bits: string }>(triedCharacters());
  return new Repertoire(encoding, Buffer.from(row?.bits ?? '', 'hex'));
}
