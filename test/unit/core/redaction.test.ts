import { inspect } from 'node:util';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { resolveConfig } from '../../../src/config/load-schema.ts';
import { hideSecrets, keepSecret, redact } from '../../../src/core/redaction.ts';
import { safeCause, withoutSecrets } from '../../../src/core/safe-error.ts';
import { asRelytError } from '../../../src/core/task-failure.ts';
import { ownOptions } from '../../../src/database/connecting/given-options.ts';
import { hiddenPassword } from '../../../src/database/connecting/password.ts';
import { RelytError } from '../../../src/errors.ts';
import { LEAK_SHAPES, PASSWORD, SECRET } from '../database/leak-shapes.ts';

afterEach(() => vi.unstubAllEnvs());

describe('redact()', () => {
  test.each(LEAK_SHAPES)(
    'leaves of $shape what is no secret, and nothing to do twice',
    ({ text }) => {
      const once = redact(`before ${text}\nafter`);
      expect(once).toMatch(/^before /);
      expect(redact(once)).toBe(once);
    },
  );

  test.each([
    'relation "t" does not exist',
    'password authentication failed for user "loader"',
    'The AWS Access Key Id you provided does not exist in our records.',
    "AuthorizationHeaderMalformed : the region 'eu' is wrong; expecting 'us'",
    'Expected `access_key` and `secret_key` of relyt_sys.loader_config() to be given',
    'invalid input syntax for type json (Token "x" is invalid.)',
    'S3 GetObject of "p/f@1.csv" in s3://bucket at http://127.0.0.1:9000 failed: NoSuchKey, HTTP 404',
    'https://docs.example/what?is=this&and=that',
    'update t set secret_key = $3, token = $14 where id = 1',
    'function aws_commons.create_aws_credentials(unknown, unknown, unknown) does not exist',
    'at Parser.parse (file:///app/node_modules/pg-protocol/dist/parser.js:304:17)',
  ])('leaves alone: %s', (text) => {
    expect(redact(text)).toBe(text);
  });

  test('says no more than it must of a LOCATION and a URL', () => {
    expect(redact("LOCATION('s3://e/b/ accessid=AK secret=SK region=r version=2')")).toBe(
      "LOCATION('s3://e/b/ accessid=… secret=… region=r version=2')",
    );
    expect(redact('postgres://loader:pw@db.example/app')).toBe(
      'postgres://loader:…@db.example/app',
    );
    expect(redact('curl: http://s3:9000/b/f.csv?X-Amz-Signature=a failed')).toBe(
      'curl: http://s3:9000/b/f.csv?… failed',
    );
  });

  test('leaves out where on a cluster it happened', () => {
    expect(redact('bad value  (seg0 slice1 10.0.0.7:7001 pid=4024)')).toBe('bad value');
  });

  test.each([
    ['?', 300_000],
    ['program "', 50_000],
    ['aaaa', 100_000],
    ['://a:', 60_000],
    ["token='", 50_000],
    ['(AKIAAAAAAAAAA,', 30_000],
    ['curl ', 60_000],
    ["create_aws_credentials('", 5_000],
  ])('takes no more than moments for megabytes of %s', (part, times) => {
    const started = performance.now();
    redact(part.repeat(times));
    expect(performance.now() - started).toBeLessThan(5_000);
  });
});

describe('secrets that are known', () => {
  test('are hidden in every spelling, the longest first', () => {
    expect(hideSecrets('abcdef abc a%2Fb', ['abc', 'abcdef', 'a/b'])).toBe('… … …');
  });

  test('that are short are hidden where they stand alone, and words that hold them stay', () => {
    keepSecret('relytx');
    expect(redact('the secret relytx, and relytx_sys')).toBe('the secret …, and relytx_sys');
  });

  test('that are very short are no secrets, and do not make a riddle of every message', () => {
    keepSecret('id', '', undefined);
    expect(redact('column "id"')).toBe('column "id"');
  });

  test('of a configuration are known from its check on', () => {
    const given = { secretKey: 'configured/secret+key/1', sessionToken: 'configured-token-0001' };
    const config = { postgresql: { table: 't' }, s3: { ...given, accessKey: 'AKIA' } };
    resolveConfig(config);
    expect(redact(`${given.secretKey} ${given.sessionToken}`)).toBe('… …');
  });

  test.each([
    [{ password: 'pw-of-the-role' }, 'pw-of-the-role'],
    [{ connectionString: 'postgres://u:p%40w%2Fx@h/db' }, 'p@w/x'],
    [{ connectionString: 'postgres://h/db?password=in-query' }, 'in-query'],
    [{ connectionString: "host=h password='with \\\\ and blank'" }, 'with \\ and blank'],
    [{ connectionString: 'postgres://postgres:postgres@h/db' }, undefined],
    [{ username: 'app', password: 'app' }, undefined],
  ])('the password of %j', (connection, password) => {
    expect(hiddenPassword(ownOptions(connection))).toBe(password);
  });
});

describe('an error that shows nothing', () => {
  test('stays the very same, with its cause', () => {
    const cause = Object.assign(new Error('the reason'), { path: '/tmp/x' });
    const error = new RelytError('SOURCE_FAILED', 'the source failed', { cause });
    expect(withoutSecrets(error)).toBe(error);
    expect(asRelytError(error).cause).toBe(cause);
  });

  test('keeps code, stack and its causes in the copy made of it', () => {
    const inner = Object.assign(new Error(`reset by ${SECRET}`), { code: 'ECONNRESET' });
    keepSecret(SECRET);
    const copy = safeCause(new Error('outer', { cause: inner }));
    expect(copy).toMatchObject({ message: 'outer', cause: { message: 'reset by …' } });
    expect((copy.cause as { code?: string }).code).toBe('ECONNRESET');
    expect(copy.stack).toContain('redaction.test');
  });

  test('does not follow causes for ever', () => {
    const loop = new Error(`password=${PASSWORD}`);
    loop.cause = loop;
    const error = asRelytError(new RelytError('INTERNAL', 'x', { cause: loop }));
    expect(inspect(error, { depth: 20 })).not.toContain(PASSWORD);
  });
});
