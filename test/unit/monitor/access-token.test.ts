import { describe, expect, test } from 'vitest';
import { redact } from '../../../src/core/redaction.ts';
import { AccessToken, requiredToken } from '../../../src/monitor/access-token.ts';

const TOKEN = 'correct horse battery';
const WORD = TOKEN.replaceAll(' ', '-');
const none = { authorization: undefined, cookie: undefined };

describe('G7: the token of a monitor', () => {
  test('another host than loopback needs one, and says how to give it (G8)', () => {
    expect(requiredToken('127.0.0.1', undefined)).toBeUndefined();
    expect(requiredToken('::1', undefined)).toBeUndefined();
    expect(() => requiredToken('0.0.0.0', undefined)).toThrow(
      expect.objectContaining({
        code: 'CONFIG_INVALID',
        hint: expect.stringContaining('RELYT_MONITOR_TOKEN'),
      }),
    );
  });

  test('one that could be guessed is refused, and not quoted', () => {
    expect(() => new AccessToken('short')).toThrow(
      expect.objectContaining({
        code: 'CONFIG_INVALID',
        message: expect.not.stringContaining('short'),
      }),
    );
  });

  test('a request needs it as bearer, or the cookie of a session', () => {
    const token = new AccessToken(WORD);
    const [cookie = ''] = token.setCookie.split(';');

    expect(token.admits({ ...none, authorization: `Bearer ${WORD}` })).toBe(true);
    expect(token.admits({ ...none, cookie: `other=1; ${cookie}` })).toBe(true);
    expect(token.admits(none)).toBe(false);
    expect(token.admits({ ...none, authorization: `Bearer ${WORD}x` })).toBe(false);
    expect(token.admits({ ...none, authorization: `Basic ${WORD}` })).toBe(false);
    expect(token.admits({ ...none, cookie: `x${cookie}` })).toBe(false);
    expect(token.admits({ ...none, cookie: `relyt_monitor=${WORD}` })).toBe(false);
  });

  test('no script reads the cookie, no other site sends it, and it is not the token', () => {
    const { setCookie } = new AccessToken(WORD);

    expect(setCookie).toMatch(/HttpOnly; SameSite=Strict$/);
    expect(setCookie).not.toContain(WORD);
    expect(redact(`${WORD} and ${setCookie}`)).toBe(
      '… and relyt_monitor=…; Path=/; HttpOnly; SameSite=Strict',
    );
  });
});
