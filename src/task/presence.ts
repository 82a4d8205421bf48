import type { Database } from '../database/database.ts';
import type { Reader } from '../database/session.ts';
import { type Presence, readPresence } from '../database/statements/presence.ts';

/**
 * How others can see that this process lives; undefined where they cannot. Behind a pooler a connection of the server
 * has the name of its last user, so that no name says anything.
 */
export async function ownPresence(
  database: Database,
  reads: Reader,
  applicationName: string,
): Promise<Presence | undefined> {
  const [presence] = await reads.query<Presence>(readPresence(applicationName));
  return (await database.isDirect()) ? presence : undefined;
}
