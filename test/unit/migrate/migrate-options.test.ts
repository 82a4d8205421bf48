// What may be asked of a migration: a wrong option is named before anything is moved.

import { describe, expect, test } from 'vitest';
import { RelytError } from '../../../src/errors.ts';
import { type MigrateOptions, resolveMigration } from '../../../src/migrate/migrate-options.ts';

const GOOD: MigrateOptions = { tables: ['public.t'], threshold: 100 };

function refusalOf(options: unknown): RelytError {
  try {
    resolveMigration(options as MigrateOptions);
  } catch (error) {
    if (error instanceof RelytError) return error;
    throw error;
  }
  throw new Error('the options were taken');
}

describe('options of a migration (G8)', () => {
  test.each([
    [undefined, /got no options/],
    [null, /got no options/],
    [{}, /option tables .* is missing/],
    [{ tables: ['public.t'] }, /option threshold .* is missing/],
    [{ ...GOOD, tables: 'public.t' }, /option tables .* is "public\.t"/],
    [{ ...GOOD, tables: [1] }, /option tables .* is an array/],
    [{ ...GOOD, threshold: '5' }, /option threshold .* is "5"/],
    [{ ...GOOD, threshold: null }, /option threshold .* is null/],
    [{ ...GOOD, leaseSeconds: 2 }, /option leaseSeconds .* is 2/],
    [{ ...GOOD, dryRun: 'yes' }, /option dryRun .* is "yes"/],
    [{ ...GOOD, back: 1 }, /option back .* is 1/],
    [{ ...GOOD, groupColumn: {} }, /option groupColumn .* is of type object/],
    [{ ...GOOD, signal: {} }, /option signal .* is of type object/],
    [{ ...GOOD, onProgress: true }, /option onProgress .* is true/],
  ])('%j', (options, message) => {
    const refusal = refusalOf(options);
    expect(refusal.code).toBe('CONFIG_INVALID');
    expect(refusal.message).toMatch(message);
  });

  test.each([
    ['batchRow', 'Did you mean "batchRows"?'],
    ['dry_run', 'Did you mean "dryRun"?'],
    ['toString', /^Use the options it has: tables, threshold,/],
  ])('unknown: %s', (name, hint) => {
    const refusal = refusalOf({ ...GOOD, [name]: 3 });
    expect(refusal).toMatchObject({ code: 'CONFIG_INVALID' });
    expect(refusal.message).toContain(`has no option "${name}"`);
    expect(refusal.hint).toMatch(hint);
  });

  test('several tables in one text', () => {
    const refusal = refusalOf({ ...GOOD, tables: ['public.t,public.u'] });
    expect(refusal.message).toContain('names several tables in one: "public.t,public.u"');
    expect(refusal.hint).toContain('--tables public.t public.u');
    const { tables } = resolveMigration({ ...GOOD, tables: ['public."t,u"', 'public.t'] });
    expect(tables.map(({ table }) => table)).toEqual(['t,u', 't']);
  });

  test('two tables are two, wherever the dot in their names is', () => {
    const { tables } = resolveMigration({ ...GOOD, tables: ['"a.b".c', 'a."b.c"', '"a"."b.c"'] });
    expect(tables).toEqual([
      { schema: 'a.b', table: 'c' },
      { schema: 'a', table: 'b.c' },
    ]);
  });

  test('G8: tables to be separated are printed as words of a shell', () => {
    const { hint } = refusalOf({ ...GOOD, tables: ["public.a b,public.it's"] });
    expect(hint).toContain(`--tables 'public.a b' 'public.it'\\''s'\``);
  });

  test('undefined is as good as left out', () => {
    expect(resolveMigration({ ...GOOD, batchRows: undefined, signal: undefined })).toMatchObject({
      batchRows: 1_000_000,
      leaseSeconds: 30,
      onConflict: 'update',
      dryRun: false,
    });
  });
});
