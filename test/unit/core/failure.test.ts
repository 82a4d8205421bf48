import { describe, expect, test } from 'vitest';
import { classifyFailure } from '../../../src/core/failure.ts';

describe('what a failure means for trying again, by its code', () => {
  test.each([
    ...['40001', '40P01', '55P03', '53300', '53100', '57P01', '57P03', '08006', '58030', '38000'],
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
    '28P01',
    '3D000',
    '57P04',
    '53400',
    '0A000',
    '25006',
    'XX000',
    'ERR_TLS',
  ])('%s has to be mended by somebody', (code) => {
    expect(classifyFailure(code)).toBe('permanent');
  });
});
