import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { classifyFailure, NEVER_OF_A_RECORD } from '../../../src/core/failure.ts';
import { SQLSTATE, SQLSTATE_CLASS } from '../../../src/core/sqlstate.ts';

describe('what a failure means for trying again, by its code', () => {
  test.each([
    ...[
      '40001',
      '40P01',
      '55P03',
      '53300',
      '53100',
      '57P01',
      '57P03',
      '57014',
      '08006',
      '58030',
      '38000',
    ],
    ...['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'EAI_AGAIN', 'ENOTFOUND', undefined],
  ])('%s may pass by itself', (code) => {
    expect(classifyFailure(code)).toBe('transient');
  });

  test.each(['22P02', '22P04', '22021', '22003', '23505', '23502', '23514', '23503', '23P01'])(
    '%s is the fault of a record',
    (code) => {
      expect(classifyFailure(code)).toBe('record');
    },
  );

  test.each([
    '42501',
    '42P01',
    '42703',
    '0A000',
    'XX000',
    '42601',
    '54001',
    'P0001',
    '3F000',
    'ZZ123',
  ])('%s may be of a record, or of the statement', (code) => {
    expect(classifyFailure(code)).toBe('suspect');
  });

  test.each([
    '28P01',
    '3D000',
    '57P04',
    '53400',
    '25006',
    'XX001',
    'XX002',
    'RL001',
    'RL002',
    'ERR_TLS',
  ])('%s has to be mended by somebody', (code) => {
    expect(classifyFailure(code)).toBe('permanent');
  });

  test('what no record causes is the same in SQL; a program that fails where no file is read may be a trigger', () => {
    const never = new RegExp(NEVER_OF_A_RECORD);
    const letters = fc.constantFrom(...'0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ');
    const known = fc.constantFrom(...Object.values(SQLSTATE));
    const prefixed = fc.tuple(
      fc.constantFrom(...Object.values(SQLSTATE_CLASS)),
      letters,
      letters,
      letters,
    );
    const codes = fc.oneof(
      known,
      prefixed.map((parts) => parts.join('')),
    );
    fc.assert(
      fc.property(codes, (code) => {
        fc.pre(code !== SQLSTATE.externalRoutineException);
        const isOfRecord = ['record', 'suspect'].includes(classifyFailure(code));
        expect(never.test(code)).toBe(!isOfRecord);
      }),
    );
    expect(never.test(SQLSTATE.externalRoutineException)).toBe(false);
  });
});
