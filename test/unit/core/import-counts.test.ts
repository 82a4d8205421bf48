import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { accountFor, type ConflictMode, countMismatch } from '../../../src/core/import-counts.ts';

const small = fc.nat({ max: 50 });
/** What the database may report when nothing went wrong: winners are among those read, and so on. */
const honest = fc
  .record({
    superseded: small,
    untouched: small,
    updated: small,
    inserted: small,
    rejected: small,
    mode: fc.constantFrom<ConflictMode>('insert', 'update', 'nothing'),
  })
  .map(({ mode, rejected, ...counts }) => {
    const superseded = mode === 'insert' ? 0 : counts.superseded;
    const untouched = mode === 'nothing' ? counts.untouched : 0;
    const updated = mode === 'update' ? counts.updated : 0;
    const written = counts.inserted + updated;
    const winners = written + untouched;
    const read = winners + superseded;
    return { mode, reported: { read, winners, written, inserted: counts.inserted, rejected } };
  });

describe('the account of an import (G2)', () => {
  test('adds up whenever as many records were read or rejected as were staged', () => {
    fc.assert(
      fc.property(honest, ({ mode, reported }) => {
        const counts = accountFor(mode, reported.read + reported.rejected, reported);
        expect(countMismatch(counts)).toBeUndefined();
      }),
    );
  });

  test('does not add up when a single record more or less was staged', () => {
    fc.assert(
      fc.property(honest, fc.constantFrom(-3, -1, 1, 2), ({ mode, reported }, off) => {
        const records = reported.read + reported.rejected + off;
        expect(countMismatch(accountFor(mode, records, reported))).toContain(`${records} records`);
      }),
    );
  });

  test('does not add up when rows that won a key were not written, except by `nothing`', () => {
    const swallowed = { read: 10, winners: 10, written: 9, inserted: 9, rejected: 0 };
    expect(countMismatch(accountFor('insert', 10, swallowed))).toContain('accounts for 9');
    expect(countMismatch(accountFor('update', 10, swallowed))).toContain('accounts for 9');
    expect(accountFor('nothing', 10, swallowed)).toMatchObject({ skipped: 1 });
    expect(countMismatch(accountFor('nothing', 10, swallowed))).toBeUndefined();
  });

  test('refuses a sum that is right by a negative part', () => {
    const wrong = { records: 5, inserted: 7, updated: -2, skipped: 0, superseded: 0, rejected: 0 };
    expect(countMismatch(wrong)).toContain('-2 updated');
  });
});
