import { describe, expect, test } from 'vitest';
import type { FailureClass } from '../../../src/core/failure.ts';
import { classifyError } from '../../../src/database/database-error.ts';
import { importedRows } from '../../../src/engines/aws-s3.ts';
import { awsS3Failure } from '../../../src/engines/aws-s3-failure.ts';
import type { ErrorCode, RelytError } from '../../../src/errors.ts';

const SECRET = 'wJalrXUtnFEMI/K7MDENG';

/** What node-postgres throws for an error of the server, as far as it counts here. */
function serverError(sqlstate: string, message: string): Error {
  return Object.assign(new Error(message), { code: sqlstate });
}

function failure(error: unknown): RelytError | undefined {
  return awsS3Failure(error, { key: 'p/1.csv', secrets: [SECRET, ''] });
}

describe('what table_import_from_s3 returns', () => {
  test.each([
    [
      '87701673 rows imported into relation "kaiseki" from file utf8_all.csv of 6539180310 bytes',
      87701673,
    ],
    ['1 row imported into relation "t" from file a.csv of 9 bytes', 1],
    ['98 rows imported into relation "user_emb" from user_embeddings.csv', 98],
    ['0 rows imported into relation "t\n" from file 7 rows.csv of 1 bytes', 0],
    ['500', 500],
  ])('%j says how many rows came in', (said, rows) => {
    expect(importedRows(said)).toBe(rows);
  });

  test.each(['', 'ok', '-1', '1.5', '12 files imported', 'imported 12 rows', '12 rows exported'])(
    '%j says nothing, and is not guessed at (G2)',
    (said) => {
      expect(importedRows(said)).toBeUndefined();
    },
  );
});

const validation = (reason: string) =>
  `Unable to validate pre-signed URL. Error: ${reason}. Check your arguments and try again.`;

describe('a failed import from S3', () => {
  test.each<[string, string, ErrorCode, FailureClass]>([
    ['08000', validation('HTTP 403'), 'S3_ACCESS_DENIED', 'permanent'],
    [
      '08006',
      'HTTP 403. Permission denied. Check bucket or provided credentials',
      'S3_ACCESS_DENIED',
      'permanent',
    ],
    ['08000', validation('HTTP 404'), 'STAGED_FILE_LOST', 'permanent'],
    ['08000', validation('HTTP 416'), 'STAGED_FILE_LOST', 'permanent'],
    ['08000', validation('HTTP 400'), 'S3_AUTH_FAILED', 'permanent'],
    ['08000', validation('HTTP 301'), 'S3_AUTH_FAILED', 'permanent'],
    ['08000', validation('HTTP 405'), 'S3_ERROR', 'permanent'],
    ['08000', validation('HTTP 503'), 'S3_UNAVAILABLE', 'transient'],
    ['XX000', validation('HTTP 429'), 'S3_UNAVAILABLE', 'transient'],
    [
      '08000',
      validation('Failed to connect to s3.eu-west-1.amazonaws.com port 443'),
      'S3_UNREACHABLE',
      'transient',
    ],
    [
      '28000',
      "Credentials stored with the database cluster can't be accessed",
      'S3_AUTH_FAILED',
      'permanent',
    ],
    [
      '42883',
      'function aws_s3.table_import_from_s3(text, text) does not exist',
      'ENGINE_UNSUPPORTED',
      'permanent',
    ],
    ['3F000', 'schema "aws_commons" does not exist', 'ENGINE_UNSUPPORTED', 'permanent'],
    ['42501', 'permission denied for schema aws_s3', 'DATABASE_PERMISSION_DENIED', 'permanent'],
  ])('of SQLSTATE %s, %j, is %s', (sqlstate, message, code, failureClass) => {
    const mapped = failure(serverError(sqlstate, message));
    expect(mapped?.code).toBe(code);
    expect(mapped?.message).toContain('p/1.csv');
    // Class 08 alone would be tried again for as long as an import may take.
    expect(classifyError(mapped)).toBe(failureClass);
  });

  test('names the status S3 answered, and what to do (G8)', () => {
    const mapped = failure(serverError('08000', validation('HTTP 403')));
    expect(mapped?.details.s3Error).toBe('HTTP 403');
    expect(mapped?.message).toMatch(/Error: HTTP 403\.$/);
    expect(mapped?.hint).toContain('s3:GetObject');
  });

  test('says nothing secret, even if the server does (G7)', () => {
    const url = `https://b.s3.amazonaws.com/k?X-Amz-Credential=AKIA&X-Amz-Signature=abc`;
    const mapped = failure(serverError('08000', `HTTP 403 for ${url} signed with ${SECRET}`));
    expect(`${mapped?.message} ${mapped?.stack}`).not.toMatch(/X-Amz|AKIA|wJalr/);
    expect(mapped?.cause).toBeUndefined();
  });

  test.each([
    ['22P02', 'invalid input syntax for type integer: "HTTP 403"'],
    ['22P04', 'extra data after last expected column'],
    ['23514', 'value for domain aws_s3 violates check constraint'],
    ['57014', 'canceling statement due to user request'],
    ['42501', 'permission denied to create temporary tables in database "d"'],
    ['53100', 'could not extend file: No space left on device'],
  ])('is left to others when it is not about S3: %s %j', (sqlstate, message) => {
    expect(failure(serverError(sqlstate, message))).toBeUndefined();
  });

  test('is left to others when the connection broke', () => {
    expect(failure(new Error('Connection terminated unexpectedly'))).toBeUndefined();
    expect(failure(serverError('ECONNRESET', 'read ECONNRESET'))).toBeUndefined();
  });
});
