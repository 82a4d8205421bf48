import { inspect } from 'node:util';
import { DatabaseError } from 'pg';
import { describe, expect, test } from 'vitest';
import { classifyError, databaseError, failureCode } from '../../../src/database/database-error.ts';
import { RelytError } from '../../../src/errors.ts';

const URL_WITH_SIGNATURE =
  'http://s3.local:9000/b/p/f.csv?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AK%2F1&X-Amz-Signature=abc';

function serverError(
  code: string,
  message: string,
  rest: Partial<DatabaseError> = {},
): DatabaseError {
  return Object.assign(new DatabaseError(message, message.length, 'error'), { code, ...rest });
}

function systemError(code: string): Error {
  return Object.assign(new Error(`connect ${code} 127.0.0.1:5432`), { code });
}

describe('databaseError()', () => {
  test.each([
    ['28P01', 'DATABASE_AUTH_FAILED'],
    ['3D000', 'DATABASE_AUTH_FAILED'],
    ['42501', 'DATABASE_PERMISSION_DENIED'],
    ['57P01', 'DATABASE_UNREACHABLE'],
    ['57014', 'DATABASE_ERROR'],
    ['38000', 'S3_DOWNLOAD_FAILED'],
    ['42703', 'DATABASE_ERROR'],
    ['42P01', 'TABLE_NOT_FOUND'],
    ['3F000', 'TABLE_NOT_FOUND'],
    ['42883', 'DATABASE_ERROR'],
  ])('SQLSTATE %s is %s', (sqlstate, code) => {
    const error = databaseError(
      serverError(sqlstate, 'it said so', { detail: 'the detail' }),
      'do it',
    );
    expect(error).toMatchObject({ code, details: { sqlstate } });
    expect(error.message).toBe(`Could not do it: it said so (the detail) [SQLSTATE ${sqlstate}].`);
  });

  test.each([
    ['42P01', 'relation "relyt_sys.relyt_loader_file" does not exist'],
    ['3F000', 'schema "relyt_sys" does not exist'],
    ['42883', 'function relyt_sys.relyt_loader_open() does not exist'],
    ['42P01', 'Relation »relyt_sys.relyt_loader_task« existiert nicht'],
  ])('G8: %s about our own schema is SCHEMA_MISSING: %s', (sqlstate, message) => {
    const error = databaseError(serverError(sqlstate, message), 'record a staged file');
    expect(error.code).toBe('SCHEMA_MISSING');
    expect(error.hint).toContain('relyt init');
    expect(classifyError(error)).toBe('permanent');
  });

  test('G8: a constraint that refuses a record is named', () => {
    const refused = serverError('23514', 'violates check constraint "t_v_check"', {
      constraint: 't_v_check',
    });
    const error = databaseError(refused, 'import');
    expect(error.details.constraint).toBe('t_v_check');
    expect(error.message).toContain('"t_v_check"');
  });

  test('errors of the socket are DATABASE_UNREACHABLE, and keep their errno for trying again', () => {
    const error = databaseError(systemError('ECONNREFUSED'), 'connect');
    expect(error).toMatchObject({ code: 'DATABASE_UNREACHABLE', details: {} });
    expect(failureCode(error)).toBe('ECONNREFUSED');
    expect(classifyError(error)).toBe('transient');
  });

  test('carries its cause, but nothing that may hold rows, statements or secrets (G7, G8)', () => {
    const error = databaseError(
      serverError('38000', `program "curl '${URL_WITH_SIGNATURE}'" failed`, {
        detail: `secret=SK ${URL_WITH_SIGNATURE}`,
        where: `SQL statement "create … ${URL_WITH_SIGNATURE}"`,
        internalQuery: URL_WITH_SIGNATURE,
        hint: 'password=PW',
      }),
      'import',
    );
    expect(error.cause).toBeInstanceOf(Error);
    const everything = inspect(error, { depth: 9, showHidden: true }) + JSON.stringify(error);
    expect(everything).not.toMatch(/X-Amz-Signature|=SK|=PW|Credential/);
    expect(error.message).not.toMatch(/X-Amz|SK|PW/);
  });

  test('the values of a failing row are left out', () => {
    const error = databaseError(
      serverError('23502', 'null value in column "v"', {
        detail: 'Failing row contains (1, private)',
        column: 'v',
      }),
      'import',
    );
    expect(error.message).not.toContain('private');
    expect(error.details.column).toBe('v');
  });

  test('one of our own errors only learns its place', () => {
    const own = new RelytError('COUNT_MISMATCH', 'one is missing', { details: { fileId: '1' } });
    const placed = databaseError(own, 'import', { processId: 'p', fileId: '2' });
    expect(placed).toMatchObject({
      code: 'COUNT_MISMATCH',
      message: own.message,
      details: { fileId: '1', processId: 'p' },
    });
  });
});

describe('classifyError()', () => {
  test('a connection that just broke may come back; a fault of the program never passes', () => {
    expect(classifyError(new Error('Connection terminated unexpectedly'))).toBe('transient');
    expect(classifyError(new TypeError('x is not a function'))).toBe('permanent');
    expect(classifyError(new RelytError('COUNT_MISMATCH', ''))).toBe('permanent');
    expect(classifyError(new RelytError('S3_UNAVAILABLE', ''))).toBe('transient');
    expect(classifyError(serverError('22003', ''))).toBe('record');
  });
});
