import { afterEach, describe, expect, test, vi } from 'vitest';
import { keepSecret } from '../../../src/core/redaction.ts';
import { ERROR_CODES, type ErrorCode, RelytError } from '../../../src/errors.ts';

const CODES = Object.keys(ERROR_CODES) as ErrorCode[];

describe('RelytError.is', () => {
  afterEach(() => vi.resetModules());

  test('knows the errors of another copy of the package, which instanceof does not', async () => {
    vi.resetModules();
    const { RelytError: Other } = await import('../../../src/errors.ts');
    const error = new Other('CLOSED', 'the task was shut down');

    expect(error).not.toBeInstanceOf(RelytError);
    expect(RelytError.is(error)).toBe(true);
    expect(Other.is(new RelytError('CLOSED', 'x'))).toBe(true);
  });

  test.each([undefined, null, 'x', {}, new Error('x'), { code: 'CLOSED', name: 'RelytError' }])(
    'knows others for what they are: %s',
    (value) => expect(RelytError.is(value)).toBe(false),
  );

  test('its mark does not show', () => {
    const error = new RelytError('CLOSED', 'x');

    expect(Reflect.ownKeys(error).filter((key) => typeof key === 'symbol')).toEqual([]);
    expect(Object.keys(error).sort()).toEqual(['code', 'details', 'hint']);
  });
});

describe('retry', () => {
  test.each(CODES)('of %s is what the reference says', (code) => {
    expect(new RelytError(code, 'x').retry).toBe(ERROR_CODES[code].retry);
  });

  /** Those whose hint tells you to act outside of the program, and to go on then. */
  test.each(
    CODES.filter((code) => /resume the task|administrator|init/.test(ERROR_CODES[code].hint)),
  )('of %s is not never, because its hint says how to go on', (code) => {
    const { retry, hint } = ERROR_CODES[code];
    if (!/load the source again/.test(hint)) expect(retry).not.toBe('never');
  });

  test('is auto for what passes by itself, and never for what the call itself has wrong', () => {
    const auto = CODES.filter((code) => ERROR_CODES[code].retry === 'auto');

    expect(auto.sort()).toEqual([
      'DATABASE_UNREACHABLE',
      'KEY_TAKEN',
      'S3_DOWNLOAD_FAILED',
      'S3_UNAVAILABLE',
      'S3_UNREACHABLE',
    ]);
    for (const code of ['CONFIG_INVALID', 'RECORD_INVALID', 'CLOSED', 'LEASE_LOST'] as const)
      expect(ERROR_CODES[code].retry).toBe('never');
  });
});

describe('toJSON', () => {
  test('tells code, message, hint, retry, details and causes, and no stack', () => {
    const root = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
    const cause = new TypeError('no answer', { cause: root });
    const error = new RelytError('DATABASE_UNREACHABLE', 'no connection', {
      details: { processId: 'p-1', record: 7 },
      cause,
    });

    expect(JSON.parse(JSON.stringify({ error }))).toEqual({
      error: {
        name: 'RelytError',
        code: 'DATABASE_UNREACHABLE',
        message: 'no connection',
        hint: error.hint,
        retry: 'auto',
        details: { processId: 'p-1', record: 7 },
        cause: {
          name: 'TypeError',
          message: 'no answer',
          cause: { name: 'Error', message: 'connect ECONNREFUSED', code: 'ECONNREFUSED' },
        },
      },
    });
  });

  test('shows no secret, and none of the fields of a cause (G7)', () => {
    keepSecret('known-by-heart-0815');
    const cause = Object.assign(new Error('at postgres://u:hunter22@h/db'), {
      detail: 'Failing row contains (private).',
      request: { password: 'known-by-heart-0815' },
    });
    const error = new RelytError('DATABASE_ERROR', 'with known-by-heart-0815', {
      hint: 'Not known-by-heart-0815.',
      details: { got: 'known-by-heart-0815' },
      cause,
    });

    expect(JSON.stringify(error)).not.toMatch(/known-by-heart|hunter22|private/);
  });

  test.each([
    ['a circular cause', () => Object.assign(new Error('x'), { cause: undefined as unknown })],
    ['a text', () => 'thrown'],
    ['an object', () => ({ secret: 1n })],
    ['null', () => null],
  ])('copes with %s', (_, make) => {
    const cause = make();
    if (cause instanceof Error) cause.cause = cause;
    const details = { record: 1n } as never;
    const error = new RelytError('INTERNAL', 'x', { cause, details });

    expect(JSON.stringify(error).length).toBeLessThan(2000);
    expect(error.toJSON().details).toEqual({});
  });
});
