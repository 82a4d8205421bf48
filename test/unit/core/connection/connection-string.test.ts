// The two forms of a connection string, as libpq reads them; nothing of them in an error (G7, G8).

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { connectionOptions } from '../../../../src/core/connection/connection-string.ts';
import { RelytError } from '../../../../src/errors.ts';

const read = (text: string) => Object.fromEntries(connectionOptions(text));

function refusal(text: string): RelytError {
  try {
    connectionOptions(text);
  } catch (error) {
    if (error instanceof RelytError) return error;
  }
  throw new Error('was not refused');
}

describe('a connection URL', () => {
  test.each([
    ['postgres://', {}],
    ['postgresql://h', { host: 'h' }],
    ['postgresql://h:6000/d', { host: 'h', port: '6000', dbname: 'd' }],
    ['postgresql://u:p%40%2F%3A@h/d', { user: 'u', password: 'p@/:', host: 'h', dbname: 'd' }],
    ['postgresql://u:12?a#b@h/d', { user: 'u', password: '12?a#b', host: 'h', dbname: 'd' }],
    ['postgresql://u@/d', { user: 'u', dbname: 'd' }],
    ['postgresql://a:1,b:2,[::1]:3/d', { host: 'a,b,::1', port: '1,2,3', dbname: 'd' }],
    ['postgresql://a,b:2/d', { host: 'a,b', port: ',2', dbname: 'd' }],
    ['postgresql://%2Frun%2Fpg/d', { host: '/run/pg', dbname: 'd' }],
    ['postgresql:///d?host=/tmp&user=u', { host: '/tmp', user: 'u', dbname: 'd' }],
    ['postgresql://h?sslmode=verify-ca', { host: 'h', sslmode: 'verify-ca' }],
    ['postgresql://h/d?ssl=true', { host: 'h', dbname: 'd', sslmode: 'require' }],
    ['postgresql://h/d?options=-c%20a%3Db', { host: 'h', dbname: 'd', options: '-c a=b' }],
    ['postgresql://u@h/a%40b', { user: 'u', host: 'h', dbname: 'a@b' }],
  ])('%s', (text, options) => {
    expect(read(text)).toEqual(options);
  });

  test.each([
    'postgres://me:12/sec@h/app',
    'postgres://me:1x/sec@h/app',
    'postgres://me:se/cret@h:1/app',
  ])('that is split by its password is refused, and nothing of it is shown: %s (G7)', (text) => {
    const error = refusal(text);
    expect(error).toMatchObject({ code: 'CONFIG_INVALID', hint: expect.stringContaining('%2F') });
    expect(error.message).not.toMatch(/12|1x|sec\b|cret/);
  });

  test.each([
    'postgres://u:sec%ret@h/d',
    'postgres://h:port/d',
    'postgres://h/d?secret',
    'postgres://h/d?a=b=c',
  ])('that is malformed is refused: %s', (text) => {
    const error = refusal(text);
    expect(error.code).toBe('CONFIG_INVALID');
    expect(error.message).not.toMatch(/sec/);
  });

  test('gives back what was encoded into it, whatever it is', () => {
    const part = fc.string({ unit: 'grapheme', minLength: 1 });
    fc.assert(
      fc.property(part, part, part, (user, password, dbname) => {
        const [u, p, d] = [user, password, dbname].map((text) =>
          encodeURIComponent(text.toWellFormed()),
        );
        expect(read(`postgresql://${u}:${p}@h/${d}`)).toEqual({
          user,
          password,
          host: 'h',
          dbname,
        });
      }),
    );
  });
});

describe('key=value pairs', () => {
  test.each([
    ['host=h', { host: 'h' }],
    ['  host = h   port=1 ', { host: 'h', port: '1' }],
    ["host=h password='a b' user=u", { host: 'h', password: 'a b', user: 'u' }],
    [String.raw`password='it\'s \\ here'`, { password: String.raw`it's \ here` }],
    [String.raw`password=a\ b\'c`, { password: "a b'c" }],
    ["host='' user=u", { user: 'u' }],
    ['host= user=u', { host: 'user=u' }],
    ["host=h options='-c a=b'", { host: 'h', options: '-c a=b' }],
    ['host=h\n\tuser=u', { host: 'h', user: 'u' }],
    ['service=prod', { service: 'prod' }],
  ])('%s', (text, options) => {
    expect(read(text)).toEqual(options);
  });

  test.each([
    "host=h password='sec",
    'host=h secret',
    '=secret',
    "password='a'secret=b",
    'host=h \\',
  ])('that are malformed are refused: %s', (text) => {
    const error = refusal(text);
    expect(error.message).toContain('malformed');
    expect(error.message + error.hint).not.toContain('sec');
  });

  test('may hold what looks like a URL', () => {
    expect(read('password=a://b dbname=d')).toEqual({ password: 'a://b', dbname: 'd' });
  });

  test('give back what was quoted into them, whatever it is', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), fc.string({ minLength: 1 }), (password, dbname) => {
        const quoted = (text: string) => `'${text.replace(/['\\]/g, '\\$&')}'`;
        expect(read(`password=${quoted(password)} dbname = ${quoted(dbname)}`)).toEqual({
          password,
          dbname,
        });
      }),
    );
  });
});

describe('a text that is neither', () => {
  test.each(['mysql://u:SECRET@h/d', 'SECRET', '', 'jdbc:postgresql://h/d?password=SECRET'])(
    'is refused: %s',
    (text) => {
      const error = refusal(text);
      expect(error.message).toContain('is not postgres://');
      expect(error.message + error.hint).not.toContain('SECRET');
    },
  );
});
