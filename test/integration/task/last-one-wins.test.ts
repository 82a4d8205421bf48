// G3: with a key and 'update' the record inserted last wins, with 'nothing' the first one; whatever file it is in.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type LoadOptions, type TestTarget, targetsOn } from '../../support/loading.ts';
import { defaultServer, newestServers } from '../../support/stack.ts';

interface KeyedValue {
  readonly id: unknown;
  readonly v: number;
}

/** 210 records over 7 keys; each value is the number of its record. */
function manyDuplicates(keyOf: (n: number) => unknown): KeyedValue[] {
  return Array.from({ length: 210 }, (_, n) => ({ id: keyOf(n % 7), v: n }));
}

async function values(target: TestTarget): Promise<number[]> {
  return (await target.rows<{ v: number }>('v', 'v')).map((row) => row.v);
}

const LAST = [203, 204, 205, 206, 207, 208, 209];
const FIRST = [0, 1, 2, 3, 4, 5, 6];
const TIMES = ['2024-01-01 00:00:00+00', '2024-01-01 02:00:00+02', '2023-12-31T23:00:00-01:00'];

describe.each(newestServers())('who wins a key (G3) on $name', (server) => {
  const makeTarget = targetsOn(server);

  describe.each([
    ['in one file', { batchSize: 1000 }],
    ['across files', { batchSize: 20 }],
    ['across files and lanes', { batchSize: 20, concurrency: 4 }],
    ['across small imports', { batchSize: 10, batchImportSize: 1, concurrency: 4 }],
  ] satisfies [string, LoadOptions][])('%s', (_, options) => {
    test("the last one with 'update'", async () => {
      const target = await makeTarget('id bigint primary key, v int');
      await target.load(
        manyDuplicates((key) => key),
        { ...options, onConflict: 'update' },
      );
      expect(await values(target)).toEqual(LAST);
    });

    test("the first one with 'nothing'", async () => {
      const target = await makeTarget('id text primary key, v int');
      const records = manyDuplicates((key) => `key ${key}`);
      await target.load(records, { ...options, onConflict: 'nothing' });
      expect(await values(target)).toEqual(FIRST);
    });
  });
});

describe('one key in several spellings (G3)', () => {
  const makeTarget = targetsOn(defaultServer());

  test.each([
    ['int8', 'bigint', ['7', 7, 7n, ' 7', '+7', '007']],
    ['text and number', 'text', ['7', 7, 7n]],
    ['uuid', 'uuid', ['A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11', 'a0eebc999c0b4ef8bb6d6bb9bd380a11']],
    ['numeric', 'numeric', ['7', 7, '7.0', '7.00', '0.7e1']],
    ['timestamptz', 'timestamptz', [...TIMES, new Date('2024-01-01T00:00:00Z')]],
    ['float8', 'float8', [0, -0, '0', '0e0']],
    ['boolean', 'boolean', [true, 'true', 't', 'on', 'yes']],
  ])('%s', async (_, type, spellings) => {
    const target = await makeTarget(`id ${type} primary key, v int`);
    const records = Array.from({ length: 60 }, (__, v) => ({
      id: spellings[(v * 7) % spellings.length],
      v,
    }));
    await target.load(records, { batchSize: 5, concurrency: 4, batchImportSize: 2 });
    expect(await values(target)).toEqual([59]);
  });

  test('a composite key, whose parts alone are no key', async () => {
    const target = await makeTarget('a int, b text, v int, primary key (b, a)');
    const records = Array.from({ length: 200 }, (_, v) => ({ a: v % 3, b: `b${v % 5}`, v }));
    await target.load(records, { batchSize: 9, concurrency: 4 });
    expect(await values(target)).toEqual(Array.from({ length: 15 }, (_, n) => 185 + n));
  });

  test('a key that ends in different texts but equal values under a case-insensitive collation', async () => {
    const target = await makeTarget('id int');
    await target.database.query(
      `create collation if not exists ignore_case (provider = icu, locale = 'und-u-ks-level2', deterministic = false)`,
    );
    const cased = await makeTarget('id text collate ignore_case primary key, v int');
    const records = Array.from({ length: 60 }, (_, v) => ({ id: v % 2 ? 'KEY' : 'key', v }));
    await cased.load(records, { batchSize: 5, concurrency: 4 });
    expect(await values(cased)).toEqual([59]);
  });
});

describe('any sequence of records (G3)', () => {
  const makeTarget = targetsOn(defaultServer());
  const keys = fc.integer({ min: 0, max: 9 });
  const sequences = fc.array(fc.tuple(keys, fc.boolean()), { minLength: 1, maxLength: 120 });

  test('leaves the table as a Map would be', async () => {
    const target = await makeTarget('id bigint primary key, v int');
    await fc.assert(
      fc.asyncProperty(
        sequences,
        fc.record({
          batchSize: fc.integer({ min: 1, max: 30 }),
          batchImportSize: fc.integer({ min: 1, max: 10 }),
          concurrency: fc.integer({ min: 1, max: 4 }),
          onConflict: fc.constantFrom('update' as const, 'nothing' as const),
        }),
        async (sequence, options) => {
          await target.database.query(`truncate ${target.sql}`);
          const records = sequence.map(([id, asText], v) => ({ id: asText ? String(id) : id, v }));
          const processId = await target.load(records, options);
          const model = new Map<number, number>();
          for (const [v, [id]] of sequence.entries()) {
            if (options.onConflict === 'update' || !model.has(id)) model.set(id, v);
          }
          const rows = await target.rows<{ id: string; v: number }>();
          expect(new Map(rows.map(({ id, v }) => [Number(id), v]))).toEqual(model);
          const imports = await target.imports(processId);
          expect(imports.reduce((sum, one) => sum + one.num_records, 0)).toBe(records.length);
        },
      ),
      { numRuns: 15 },
    );
  });
});
