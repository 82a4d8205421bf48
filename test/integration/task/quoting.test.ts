// Names and texts become SQL in one place only; PostgreSQL itself says whether it reads them as they were meant.

import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ident, literal, qualified } from '../../../src/database/statement.ts';
import { createTestDatabase, type TestDatabase } from '../../support/database.ts';
import { newestServers } from '../../support/stack.ts';

/** Any text PostgreSQL can store, the troublesome characters more often. */
const texts = fc
  .array(
    fc.oneof(
      fc.constantFrom("'", '"', '\\', '$$', ';', '--', '\n', 'É', '%s', '{', ' '),
      fc.string({ unit: 'grapheme' }),
    ),
  )
  .map((parts) => parts.join('').replaceAll('\0', ''));
/** A name is cut after 63 bytes. */
const names = texts
  .map((text) => Buffer.from(text).subarray(0, 60).toString().replaceAll('\ufffd', ''))
  .filter((name) => name !== '');

describe.each(newestServers())('quoting on $name', (server) => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createTestDatabase(server);
  });
  afterAll(() => database.drop());

  test.each(['on', 'off'])(
    'literals are read back as they were, standard_conforming_strings %s',
    async (standard) => {
      const client = await database.pool.connect();
      try {
        await client.query(
          `set standard_conforming_strings = ${standard}; set escape_string_warning = off`,
        );
        await fc.assert(
          fc.asyncProperty(texts, async (text) => {
            const { rows } = await client.query(`select ${literal(text)} as text`);
            expect(rows).toEqual([{ text }]);
          }),
          { numRuns: 100 },
        );
      } finally {
        client.release(true);
      }
    },
  );

  test('identifiers name what PostgreSQL calls so', async () => {
    await fc.assert(
      fc.asyncProperty(names, names, async (one, two) => {
        const [row] = await database.query(`select 1 as ${ident(one)}`);
        expect(Object.keys(row ?? {})).toEqual([one]);
        const parsed = await database.query('select parse_ident($1) as parts', [
          qualified(one, two),
        ]);
        expect(parsed).toEqual([{ parts: [one, two] }]);
      }),
      { numRuns: 100 },
    );
  });
});
