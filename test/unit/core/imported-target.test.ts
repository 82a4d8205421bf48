import { describe, expect, test } from 'vitest';
import { howLost, lostRows } from '../../../src/core/imported-target.ts';

const written = { table: 10, auxiliary: null, marker: null };
const there = { table: 10, auxiliaryThere: false, markerThere: false };

describe('rows that are gone with their table (G1)', () => {
  test.each([
    ['the same table', written, there, undefined],
    ['an older version, which did not say', { ...written, table: null }, there, undefined],
    ['another table of the name', written, { ...there, table: 11 }, 'table'],
    ['no table of the name', written, { ...there, table: undefined }, 'table'],
    ['no auxiliary table', { ...written, auxiliary: 12 }, there, 'auxiliary'],
    ['both others', { ...written, auxiliary: 12 }, { ...there, table: 11 }, 'both'],
    [
      'its auxiliary table',
      { ...written, auxiliary: 12 },
      { ...there, auxiliaryThere: true },
      undefined,
    ],
    ['an unlogged table without its marker', { ...written, marker: 'm' }, there, 'unlogged'],
    [
      'an unlogged table with it',
      { ...written, marker: 'm' },
      { ...there, markerThere: true },
      undefined,
    ],
  ])('%s', (_, before, found, of) => {
    expect(lostRows(before, found)?.of).toBe(of);
  });

  test('are told by what happened to the table (G8)', () => {
    expect(howLost({ of: 'unlogged', why: 'emptied' }, 'public.t')).toMatch(
      /public\.t, which is unlogged or has a part that is/,
    );
    expect(howLost({ of: 'auxiliary', why: 'replaced' }, 'public.t')).toMatch(
      /the auxiliary table of public\.t/,
    );
  });
});
