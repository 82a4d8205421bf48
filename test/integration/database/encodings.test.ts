// The schema installs, and records load, whatever the encoding of the server (G4).

import { describe, expect, test } from 'vitest';
import { deleteKeys, uniquePrefix } from '../../support/bucket.ts';
import { createTestDatabase } from '../../support/database.ts';
import { TestTarget } from '../../support/loading.ts';
import { defaultServer } from '../../support/stack.ts';

describe.each([
  ['UTF8', 'naïve Ωμέγα 漢字 🐘'],
  ['LATIN1', 'naïve Grüße ÿ'],
  ['LATIN9', 'Œuvre à 5 €'],
  ['WIN1252', '„Grüße“ – 5 €'],
  ['EUC_JP', '漢字とかな'],
  ['SQL_ASCII', 'naïve 漢字 🐘'],
])('a database in %s', (encoding, text) => {
  test.each(['postgres', 'copy'] as const)('takes records by the engine %s', async (engine) => {
    await using database = await createTestDatabase(defaultServer(), { encoding });
    const prefix = uniquePrefix();
    try {
      await database.query('create table t (id int primary key, name text)');
      const target = new TestTarget(database, { schema: 'public', table: 't', prefix });
      const records = [
        { id: 1, name: text },
        { id: 2, name: 'plain' },
        { id: 1, name: `${text}!` },
      ];
      await target.load(records, { engine });
      expect(await target.rows()).toEqual([
        { id: 1, name: `${text}!` },
        { id: 2, name: 'plain' },
      ]);
    } finally {
      await deleteKeys(prefix);
    }
  });
});
