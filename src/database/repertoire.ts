import { Repertoire } from '../core/repertoire.ts';
import { RelytError } from '../errors.ts';
import { databaseError } from './database-error.ts';
import type { Transaction } from './session.ts';
import { databaseEncoding, triedCharacters, tryCharacters } from './statements/repertoire.ts';

/** UTF8 holds every character, and SQL_ASCII any bytes. */
const HOLDS_ALL: ReadonlySet<string> = new Set(['UTF8', 'SQL_ASCII']);

/**
 * What the encoding of the database can store; undefined when that is everything. Asking takes under half a second,
 * and only databases that are not in UTF8 are asked.
 */
export async function readRepertoire(transaction: Transaction): Promise<Repertoire | undefined> {
  try {
    const [row] = await transaction.query<{ encoding: string }>(databaseEncoding());
    if (row === undefined) throw new RelytError('INTERNAL', 'the database has no encoding');
    if (HOLDS_ALL.has(row.encoding)) return undefined;
    await transaction.execute(tryCharacters());
    const [tried] = await transaction.query<{ bits: string }>(triedCharacters());
    return new Repertoire(row.encoding, Buffer.from(tried?.bits ?? '', 'hex'));
  } catch (error) {
    throw databaseError(error, "find out what the database's encoding can store");
  }
}
