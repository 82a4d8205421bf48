import fc from 'fast-check';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RelytError } from '../../../src/errors.ts';
import type { RecordEncoder } from '../../../src/records/record-encoder.ts';
import { createTestDatabase, type TestDatabase } from '../../support/database.ts';
import { copyLines, readTarget, valueEncoder } from './staged-copy.ts';

/** Pieces of the types' own syntaxes: chained, they are valid often enough to be interesting. */
const PIECES = [
  ...[
    '0',
    '1',
    '7',
    '12',
    '999',
    '-',
    '+',
    '.',
    'e',
    'E',
    '_',
    '0x',
    '1F',
    '0b',
    '0o',
    ' ',
    '\t',
    ',',
  ],
  ...[
    'nan',
    'inf',
    'Infinity',
    'true',
    'f',
    'of',
    'on',
    'y',
    '\\',
    '\\x',
    '\\001',
    'ab',
    '{',
    '}',
    '[',
    ']',
  ],
  ...[
    '"',
    ':',
    '-01',
    'null',
    '(',
    ')',
    'now',
    'today',
    'epoch',
    'a0eebc99',
    '-9c0b',
    '2024-02-29',
    'day',
  ],
];
const junk = fc.array(fc.constantFrom(...PIECES), { maxLength: 6 }).map((parts) => parts.join(''));

/** Types whose codec refuses nothing that the server would store unchanged. */
const TYPES = [
  ...[
    'int2',
    'int4',
    'int8',
    'oid',
    'float4',
    'float8',
    'numeric',
    'numeric(3,1)',
    'bool',
    'bytea',
  ],
  ...[
    'varchar(3)',
    'char(3)',
    'date',
    'time',
    'timetz',
    'timestamp',
    'timestamptz',
    'interval',
    'uuid',
  ],
  ...[
    'json',
    'jsonb',
    'mood',
    'bit(3)',
    'varbit(3)',
    'inet',
    'point',
    'pg_lsn',
    'int4[]',
    'text[]',
  ],
  ...['bool[]', 'numeric[]', 'jsonpath', 'int4range', 'tsvector', 'money'],
];

interface Verdict {
  readonly text: string;
  readonly valid: boolean;
}

// PostgreSQL 18 only: 15 has no pg_input_is_valid to ask.
describe('strings in the syntax of the type', () => {
  let database: TestDatabase;
  let client: pg.Client;

  beforeAll(async () => {
    database = await createTestDatabase();
    client = new pg.Client({ connectionString: database.url });
    await client.connect();
    await client.query(`create type mood as enum ('true', '1', '{}')`);
  });

  afterAll(async () => {
    await client?.end();
    await database?.drop();
  });

  async function verdicts(type: string, texts: readonly string[]): Promise<Verdict[]> {
    const result = await client.query<Verdict>(
      'select text, pg_input_is_valid(text, $2) as valid from unnest($1::text[]) with ordinality as t (text, i) order by i',
      [texts, type],
    );
    return result.rows;
  }

  function line(encoder: RecordEncoder<string>, text: string): string | undefined {
    try {
      return encoder.encode({ v: text }, 1);
    } catch (error) {
      if (error instanceof RelytError && error.code === 'RECORD_INVALID') return undefined;
      throw error;
    }
  }

  it.each(TYPES)(
    '%s: refused only where the server refuses, and stored as the server stores it (G4)',
    async (type) => {
      await client.query('drop table if exists staged, plain');
      await client.query(`create table staged (n bigint, v ${type})`);
      await client.query(`create table plain (n bigint, v ${type})`);
      const encoder = valueEncoder(await readTarget(client, 'staged'));
      await fc.assert(
        fc.asyncProperty(
          fc.uniqueArray(junk, { minLength: 100, maxLength: 300 }),
          async (texts) => {
            const valid = (await verdicts(type, texts)).filter((v) => v.valid).map((v) => v.text);
            expect(valid.filter((text) => line(encoder, text) === undefined)).toEqual([]);
            await client.query('begin');
            await copyLines(
              client,
              'staged',
              valid.map((v, i) => encoder.encode({ v }, i + 1)),
            );
            for (const [i, text] of valid.entries()) {
              await client.query('insert into plain (n, v) values ($1, $2)', [i + 1, text]);
            }
            const shown = 'select n, v::text as v from';
            const staged = await client.query(`${shown} staged order by n`);
            const plain = await client.query(`${shown} plain order by n`);
            await client.query('rollback');
            expect(staged.rows).toEqual(plain.rows);
          },
        ),
        { numRuns: 4, endOnFailure: true },
      );
    },
  );
});
