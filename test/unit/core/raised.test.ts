// What a program of the table raises is judged by what it does, not by the SQLSTATE it chose (G2, G8).

import { describe, expect, test } from 'vitest';
import { classifyFailure } from '../../../src/core/failure.ts';
import { afterRaised, isStillRaised, NONE_RAISED } from '../../../src/core/raised.ts';

const IN_TRIGGER = 'PL/pgSQL function check_v() line 3 at RAISE\nSQL statement "insert into t"';
const after = (code: string, context: string | undefined, times = 1) => {
  let known = NONE_RAISED;
  for (let n = 0; n < times; n++)
    known = afterRaised(known, { code, context, failed: classifyFailure(code) });
  return known;
};

describe('what a program raises', () => {
  test.each(['40001', '55P03', '57014', '08006', '53300'])(
    '%s is believed twice, and of a record the third time',
    (code) => {
      expect(after(code, IN_TRIGGER, 2).ofRecords).toBe(false);
      expect(after(code, IN_TRIGGER, 3).ofRecords).toBe(true);
      expect(isStillRaised(after(code, IN_TRIGGER, 3), 'RL002')).toBe(true);
    },
  );

  test.each(['28000', '25006', '3D000'])(
    '%s is of a record at once, and passes no more',
    (code) => {
      expect(after(code, IN_TRIGGER).ofRecords).toBe(true);
      expect(isStillRaised(after(code, IN_TRIGGER), 'RL002')).toBe(false);
    },
  );

  test.each(['XX001', 'XX002', 'RL001', 'RL003'])('%s is never worked around', (code) => {
    expect(after(code, IN_TRIGGER, 9)).toEqual(NONE_RAISED);
  });

  test.each([
    'PL/pgSQL-Funktion check_v() Zeile 3 bei RAISE',
    '在RAISE的第3行的PL/pgSQL函数check_v()',
    'PL/pgSQL関数check_v()の3行目 - RAISE',
  ])('is known in every language: %s', (context) => {
    expect(after('40001', context, 3).ofRecords).toBe(true);
  });
});

test.each([
  undefined,
  '',
  'while updating tuple (0,1) in relation "t"',
  'PL/pgSQL function check_v() line 3 at SQL statement',
  'SQL statement "update t"\nPL/pgSQL function check_v() line 3 at RAISE',
  'PL/pgSQL function praise_it() line 3 at PERFORM',
  'PL/pgSQL function inline_code_block line 9 at RAISE',
  'PL/pgSQL function relyt_sys.relyt_loader_open() line 9 at RAISE',
])('what the server or this package says is what it is: %s', (context) => {
  expect(after('40001', context, 9)).toEqual(NONE_RAISED);
});
