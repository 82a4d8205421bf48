import type { Database } from '../database/database.ts';
import { type Presence, readPresence } from '../database/statements/presence.ts';

/**
 * How others can see that this process lives; undefined where they cannot. Behind a pooler a connection of the server
 * has the name of whoever used it last, so that no name says anything.
 */
export async function ownPresence(
  database: Database,
  applicationName: string,
): Promise<Presence | undefined> {
  if (!(await database.isDirect())) return undefined;
  const [presence] = await database.query<Presence>(readPresence(applicationName));
  return presence;
}
