import { describe, expect, it } from 'vitest';
import { isBrokenText, suspectedBytes } from '../../../src/core/failed-reading.ts';
import type { ErrorCode } from '../../../src/errors.ts';

const failed = (code: ErrorCode | undefined, sqlstate?: string, downloads = 0) =>
  suspectedBytes({ code, sqlstate, downloads });

describe('what a failed attempt of an import may come from (G2)', () => {
  it.each(['22P02', '22P04', '22021', '23505'])(
    'a record is believed to be bad (%s) only after a look at the objects',
    (sqlstate) => {
      expect(failed(undefined, sqlstate)).toBe('objects');
    },
  );

  it('a download that fails again is followed by a reading of the objects', () => {
    expect(failed(undefined, '38000', 1)).toBe('objects');
    expect(failed(undefined, '38000', 2)).toBe('bytes');
    expect(failed('S3_DOWNLOAD_FAILED')).toBe('bytes');
  });

  it.each<ErrorCode>(['COUNT_MISMATCH', 'STAGED_FILE_LOST', 'S3_ERROR'])(
    '%s may come from the objects',
    (code) => {
      expect(failed(code)).toBe('objects');
    },
  );

  it.each<[ErrorCode | undefined, string | undefined]>([
    [undefined, '40001'],
    [undefined, '57014'],
    [undefined, 'ECONNRESET'],
    ['LEASE_LOST', undefined],
    ['TABLE_CHANGED', undefined],
  ])('%s, %s cannot', (code, sqlstate) => {
    expect(failed(code, sqlstate)).toBe('none');
  });
});

describe('isBrokenText', () => {
  it('is what lines of a loader never make of themselves', () => {
    expect(['22P04', '22P02', '22003', '22021'].map(isBrokenText)).not.toContain(false);
    // A character that the encoding of the database lacks is the fault of its record.
    expect(['22P05', '23505', '38000', undefined].map(isBrokenText)).not.toContain(true);
  });
});
