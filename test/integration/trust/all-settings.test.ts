// G4: every setting that a role or a database may have is either set by our transactions, tried with a value that would
// change a result, or known to change none. A new version of PostgreSQL may bring others.

import { expect, test } from 'vitest';
import { RULED_SETTINGS } from '../../../src/database/session-rules.ts';
import { createTestDatabase } from '../../support/database.ts';
import { newestServers } from '../../support/stack.ts';
import { HARMLESS } from './harmless-settings.ts';
import { TRIED_SETTINGS } from './odd-settings.ts';

const lower = (names: readonly string[]) => names.map((name) => name.toLowerCase());
const RULED = lower(RULED_SETTINGS);
const TRIED = lower(TRIED_SETTINGS);

test.each(newestServers())(
  'G4: every setting of $name is ruled, tried or harmless',
  async (server) => {
    await using database = await createTestDatabase(server);
    const client = await database.pool.connect();
    try {
      // Before it is loaded, the server does not know its settings.
      await client.query('do $$ begin end $$');
      const { rows } = await client.query<{ name: string; context: string; what: string }>(
        `select lower(name) as name, context, short_desc as what from pg_settings
       where context in ('user', 'superuser', 'backend', 'superuser-backend')`,
      );
      const known = new Set([...RULED, ...TRIED, ...lower(HARMLESS.flatMap(([, names]) => names))]);
      const unknown = rows.filter(({ name }) => !known.has(name));
      // Look whether it can change what is stored, matched or counted, or which code runs, and list it accordingly.
      expect(unknown.map(({ name, what }) => `${name}: ${what}`)).toEqual([]);
      // What a role may set for itself is not only ruled, but tried.
      const untried = rows.filter(
        ({ name, context }) => context === 'user' && RULED.includes(name) && !TRIED.includes(name),
      );
      expect(untried).toEqual([]);
    } finally {
      client.release();
    }
  },
);

test('no setting is taken for two kinds', () => {
  const names = lower(HARMLESS.flatMap(([, list]) => list));
  expect(names.filter((name, n) => names.indexOf(name) !== n)).toEqual([]);
  expect(names.filter((name) => RULED.includes(name) || TRIED.includes(name))).toEqual([]);
});
