import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  epochOfKey,
  type Stager,
  stagedFileName,
  stagedObjectKey,
  taskFolderOf,
} from '../../../src/core/object-key.ts';

const parts = {
  prefix: 'import/data',
  day: '2026-11-22',
  processId: 'p-1',
  fileName: 'f000001',
  format: 'csv' as const,
  gzip: false,
};

describe('stagedObjectKey', () => {
  it('is prefix, day, process and file', () => {
    expect(stagedObjectKey(parts)).toBe('import/data/2026-11-22/p-1/f000001.csv');
    expect(stagedObjectKey({ ...parts, format: 'csv' as const, gzip: true })).toMatch(
      /\/f000001\.csv\.gz$/,
    );
  });

  it('leaves an empty prefix out and puts a folder in', () => {
    const key = stagedObjectKey({ ...parts, prefix: '', folder: 'import-1' });
    expect(key).toBe('2026-11-22/p-1/import-1/f000001.csv');
  });

  it('is plain ASCII without empty, `.` or `..` segments, or it is refused', () => {
    const names = fc.string({ unit: fc.constantFrom(...'aZ0._-/ ä\u0000'), maxLength: 4 });
    fc.assert(
      fc.property(names, names, (processId, fileName) => {
        let key: string;
        try {
          key = stagedObjectKey({ ...parts, processId, fileName });
        } catch {
          return;
        }
        expect(key).toMatch(/^[A-Za-z0-9_./-]+$/);
        expect(key.split('/').some((segment) => /^\.{0,2}$/.test(segment))).toBe(false);
        expect(key.split('/')).toHaveLength(5);
      }),
    );
  });

  it.each([
    ['processId', 'a/b', 'CONFIG_INVALID'],
    ['processId', '..', 'CONFIG_INVALID'],
    ['processId', '', 'CONFIG_INVALID'],
    ['fileName', 'a b', 'INTERNAL'],
    ['folder', '', 'INTERNAL'],
    ['day', '2026-02-30', 'INTERNAL'],
    ['day', '22.11.2026', 'INTERNAL'],
    ['fileName', 'x'.repeat(1024), 'INTERNAL'],
  ])('refuses %s %j', (field, value, code) => {
    const make = () => stagedObjectKey({ ...parts, [field]: value });
    expect(make).toThrowError(expect.objectContaining({ code }));
  });
});

describe('the name of a staged file', () => {
  it.each([
    [1, 1, 'file-000001-e1-0a1b2c3d'],
    [999_999, 12, 'file-999999-e12-0a1b2c3d'],
    [1_000_000, 3, 'file-1000000-e3-0a1b2c3d'],
  ])('of file %d in epoch %d is %s', (fileId, epoch, name) => {
    expect(stagedFileName(fileId, { epoch, tag: '0a1b2c3d' })).toBe(name);
  });

  it('G3: two epochs never share a key, and each key tells its own', () => {
    const number = fc.integer({ min: 1, max: 2_000_000 });
    fc.assert(
      fc.property(number, number, fc.boolean(), (fileId, epoch, gzip) => {
        const keyOf = (stagedBy: Stager) =>
          stagedObjectKey({ ...parts, fileName: stagedFileName(fileId, stagedBy), gzip });
        const key = keyOf({ epoch, tag: 'aa' });
        expect(epochOfKey(key)).toBe(epoch);
        expect(key).not.toBe(keyOf({ epoch: epoch + 1, tag: 'aa' }));
        // A database that went back gives the same epoch out twice.
        expect(key).not.toBe(keyOf({ epoch, tag: 'bb' }));
      }),
    );
  });

  it('of an older version tells its epoch, too', () => {
    expect(epochOfKey('2026-11-22/p-1/file-000001-e7.csv.gz')).toBe(7);
  });

  it.each([
    '2026-11-22/p-1/f000001.csv',
    'file-000001-e1',
    'file-000001-e.csv',
    'file-000001-e1.csv.bz2',
    'file-000001-e1.csv/other',
    '',
  ])('%j has no epoch', (key) => expect(epochOfKey(key)).toBeUndefined());
});

describe('taskFolderOf', () => {
  it('is the folder of the day, whatever stands above it, with and without folders of imports', () => {
    for (const prefix of ['', 'a', 'p-1/2026-11-21/p-1', '2026-11-21/other']) {
      const folder = stagedObjectKey({ ...parts, prefix }).replace(/[^/]+$/, '');
      for (const more of [{}, { folder: 'import-1' }, { folder: 'p-1' }])
        expect(taskFolderOf(stagedObjectKey({ ...parts, prefix, ...more }), 'p-1')).toBe(folder);
    }
  });

  it.each([
    ['another task', 'import/data/2026-11-22/p-2/f000001.csv'],
    ['a task whose id ends alike', 'import/data/2026-11-22/xp-1/f000001.csv'],
    ['no task', 'notes.txt'],
    ['no day', 'import/data/p-1/f000001.csv'],
    ['a day that there is not', '2026-13-22/p-1/f000001.csv'],
    ['further down', '2026-11-22/p-1/a/b/f000001.csv'],
    ['the folder itself', '2026-11-22/p-1'],
  ])('is none for an object of %s (G7)', (_, key) => {
    expect(taskFolderOf(key, 'p-1')).toBeUndefined();
  });

  it.each(['', '.', '..', 'a/b', '2026-11-22/p-2'])('is none for the id %j (G7)', (id) => {
    expect(taskFolderOf(`2026-11-22/${id}/f000001.csv`, id)).toBeUndefined();
  });
});
