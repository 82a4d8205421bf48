import { describe, expect, test } from 'vitest';
import {
  howLost,
  lastMove,
  lostRows,
  type MovedRows,
  NOTHING_WRITTEN,
  tablesBeside,
  type WrittenTarget,
} from '../../../src/core/imported-target.ts';

const written: WrittenTarget = { ...NOTHING_WRITTEN, table: 10, movesBefore: 0 };
const there = { foundTable: 10, foundAuxiliary: null, moved: [], markerThere: false };

describe('rows that are gone with their table (G1)', () => {
  test.each([
    ['the same table', written, there, undefined],
    ['an older version, which did not say', { ...written, table: null }, there, undefined],
    ['another table of the name', written, { ...there, foundTable: 11 }, 'table'],
    ['no table of the name', written, { ...there, foundTable: null }, 'table'],
    ['no auxiliary table', { ...written, auxiliary: 12 }, there, 'auxiliary'],
    [
      'another auxiliary table',
      { ...written, auxiliary: 12 },
      { ...there, foundAuxiliary: 13 },
      'auxiliary',
    ],
    ['both others', { ...written, auxiliary: 12 }, { ...there, foundTable: 11 }, 'both'],
    [
      'its auxiliary table',
      { ...written, auxiliary: 12 },
      { ...there, foundAuxiliary: 12 },
      undefined,
    ],
    ['an unlogged table without its marker', { ...written, marker: 'm' }, there, 'unlogged'],
    [
      'an unlogged table with it',
      { ...written, marker: 'm' },
      { ...there, markerThere: true },
      undefined,
    ],
    ['an auxiliary table they were moved into', written, moved({ filled: 1 }), 'auxiliary'],
    [
      'one that is there',
      written,
      { ...moved({ filled: 1 }), foundAuxiliary: AUXILIARY },
      undefined,
    ],
    ['both tables, moved', written, { ...moved({ filled: 1 }), foundTable: 11 }, 'both'],
    ['nothing yet, after a loss', NOTHING_WRITTEN, moved({ filled: 1 }), undefined],
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

const AUXILIARY = 20;

function moved(change: Partial<MovedRows>) {
  return { ...there, moved: [{ auxiliary: AUXILIARY, filled: null, emptied: null, ...change }] };
}

describe('the auxiliary tables in which rows of a task may be', () => {
  const begun = { ...written, movesBefore: 5 };
  const wrote = { ...begun, auxiliary: AUXILIARY, auxiliaryMoves: 7 };

  test.each<[string, WrittenTarget, Partial<MovedRows>, boolean]>([
    ['filled after the first import', begun, { filled: 6 }, true],
    ['filled before it', begun, { filled: 5 }, false],
    ['filled, then emptied', begun, { filled: 6, emptied: 7 }, false],
    ['emptied, then filled', begun, { filled: 8, emptied: 7 }, true],
    ['filled while there was no import', { ...begun, movesBefore: null }, { filled: 6 }, false],
    ['filled, and imports of an older version', written, { filled: 1 }, true],
    ['written by an import', wrote, { filled: 3 }, true],
    ['written by an import, then emptied', wrote, { filled: 3, emptied: 8 }, false],
    ['emptied, then written', wrote, { filled: 3, emptied: 7 }, true],
    ['written, then emptied and filled', wrote, { filled: 9, emptied: 8 }, true],
    [
      'written by an older version, which knew no moves, then emptied',
      { ...wrote, auxiliaryMoves: null },
      { filled: 3, emptied: 8 },
      true,
    ],
  ])('%s', (_, before, change, holds) => {
    expect(tablesBeside(before, moved(change).moved)).toEqual(holds ? [AUXILIARY] : []);
  });

  test('are several where one was lost before', () => {
    const tables: MovedRows[] = [
      { auxiliary: 20, filled: 6, emptied: null },
      { auxiliary: 21, filled: 7, emptied: null },
    ];
    expect(tablesBeside({ ...begun, auxiliary: 20 }, tables)).toEqual([20, 21]);
    expect(lastMove(tables)).toBe(7);
    expect(lastMove([])).toBe(0);
  });
});
