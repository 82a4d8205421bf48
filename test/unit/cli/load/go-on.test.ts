import { describe, expect, test } from 'vitest';
import {
  columnLeftToDefault,
  type FailedLoad,
  goOnCommand,
  goOnHint,
} from '../../../../src/cli/load/go-on.ts';
import type { ErrorCode } from '../../../../src/errors.ts';
import { ERROR_CODES, type ErrorDetails, RelytError } from '../../../../src/errors.ts';
import { advice } from '../../../../src/operations/task-status.ts';

const FILE: FailedLoad = {
  processId: 'p-1',
  isStream: false,
  nothingStaged: true,
  nothingImported: true,
};
const STREAM = { ...FILE, isStream: true };

function hintOf(
  code: ErrorCode,
  details: ErrorDetails = {},
  load: Partial<FailedLoad> = {},
): string {
  return goOnHint(new RelytError(code, 'it failed', { details }), { ...FILE, ...load });
}

test('the command that goes on: of a file by its id alone, of a stream with the input', () => {
  expect(goOnCommand(FILE, '--max-errors N')).toBe('relyt resume p-1 --max-errors N');
  expect(goOnCommand(STREAM)).toBe('relyt load … --resume p-1 (with the same input)');
});

test('G7, G8: an id that another role chose is one word of the command', () => {
  const load = { ...FILE, processId: '$(id)' };
  expect(goOnCommand(load)).toBe("relyt resume '$(id)'");
  expect(goOnCommand({ ...load, isStream: true })).toContain("--resume '$(id)' (with");
  const refused = hintOf('IMPORT_REFUSED', { record: 3, sqlstate: '23514' }, load);
  expect(refused).toMatch(/relyt abort '\$\(id\)'/);
  expect(refused.match(/relyt/g)).toHaveLength(4);
  expect(refused.match(/relyt [a-z]+ '\$\(id\)'/g)).toHaveLength(4);
  expect(advice('resume', load.processId)).toBe(
    "relyt resume '$(id)' continues it; relyt abort '$(id)' gives it up",
  );
});

describe('G8: a record the database refused', () => {
  const BY_DATABASE = { record: 3, sqlstate: '23514' };

  test('is staged, so correcting the input is no way out', () => {
    const hint = hintOf('IMPORT_REFUSED', BY_DATABASE);
    expect(hint).not.toContain(ERROR_CODES.IMPORT_REFUSED.hint);
    expect(hint).not.toContain('--allow-change source');
    expect(hint).toContain(
      'Then: relyt resume p-1. Or leave such records out: relyt resume p-1 --max-errors N.',
    );
    expect(hint).toMatch(/Or: relyt abort p-1, and load the corrected file again\.$/);
  });

  test('abort is no way out when rows of the load are in the table', () => {
    expect(hintOf('DUPLICATE_KEY', BY_DATABASE, { nothingImported: false })).not.toContain('abort');
  });

  test('without a number nothing can be left out: the transaction as a whole was refused', () => {
    expect(hintOf('IMPORT_REFUSED', { sqlstate: '23503' })).not.toContain('--max-errors');
  });

  test('what its own hint explains is kept', () => {
    const error = new RelytError('IMPORT_REFUSED', 'x', {
      details: BY_DATABASE,
      hint: 'Another key.',
    });
    expect(goOnHint(error, FILE)).toMatch(/^Another key\. Change the constraint/);
  });
});

describe('G8: input that cannot be read further', () => {
  test('has no record to leave out, and what stands before it must stay', () => {
    expect(hintOf('INPUT_MALFORMED', { line: 9 }, { unreadableAfter: 7 })).toBe(
      `${ERROR_CODES.INPUT_MALFORMED.hint} Leave all before line 9 as it is. Then: relyt resume p-1 --allow-change source. ` +
        'Dealt with before it: 7 records; a new load would continue with --skip-records 7.',
    );
  });

  test('with nothing before it: nothing is said of that', () => {
    expect(hintOf('INPUT_MALFORMED', { line: 1 }, { unreadableAfter: 0, isStream: true })).toBe(
      `${ERROR_CODES.INPUT_MALFORMED.hint} Then: relyt load … --resume p-1 (with the corrected input).`,
    );
  });
});

test('G8: another place for the staged files is a change that has to be allowed', () => {
  for (const code of ['S3_BUCKET_MISSING', 'S3_UNREACHABLE'] as const) {
    expect(hintOf(code)).toMatch(
      /Then: relyt resume p-1\. If another \w+ is to be used: relyt resume p-1 --allow-change s3Location\.$/,
    );
  }
  expect(hintOf('S3_AUTH_FAILED')).not.toContain('s3Location');
});

test('G8: who lost the task does not go on with it', () => {
  expect(hintOf('LEASE_LOST')).toBe(ERROR_CODES.LEASE_LOST.hint);
});

test('a column left to its default is told from a value that is refused', () => {
  const columns = [
    { name: 'a', hasDefault: true },
    { name: 'b', hasDefault: false },
  ];
  expect(columnLeftToDefault({ record: 2, column: 'a' }, columns)).toBe('a');
  expect(columnLeftToDefault({ record: 2, column: 'b' }, columns)).toBeUndefined();
  expect(
    columnLeftToDefault({ record: 2, column: 'a', expected: 'date' }, columns),
  ).toBeUndefined();
  expect(
    columnLeftToDefault({ record: 2, column: 'a', sqlstate: '23514' }, columns),
  ).toBeUndefined();
  expect(columnLeftToDefault({ column: 'a' }, columns)).toBeUndefined();
});
