// sslmode as the manual of libpq defines it (G7): which attempts are made, and when a plain one may follow.

import { describe, expect, test } from 'vitest';
import {
  type AttemptFailure,
  encryptionOrder,
  nextTry,
  SSL_MODES,
  type SslMode,
  sslModeOf,
} from '../../../../src/core/connection/encryption.ts';

const mode = (options: object) => sslModeOf(new Map(Object.entries(options)) as never);

/** Plays the attempts at one host; `outcomes` says how one without and one with TLS ends. */
function played(
  sslMode: SslMode,
  outcomes: { plain: AttemptFailure | 'connected'; tls: AttemptFailure | 'connected' },
): string[] {
  const tried: string[] = [];
  const order = encryptionOrder(sslMode, false);
  for (const [index, encrypted] of order.entries()) {
    const kind = encrypted ? 'tls' : 'plain';
    tried.push(kind);
    if (outcomes[kind] === 'connected') return tried;
    const isLast = index === order.length - 1;
    const next = nextTry(outcomes[kind], { encrypted, isLast });
    if (next !== 'other encryption') return [...tried, next];
  }
  return tried;
}

describe('sslmode', () => {
  test('is prefer when nobody says anything, and verify-full with the public authorities', () => {
    expect(mode({})).toBe('prefer');
    expect(mode({ sslrootcert: 'system' })).toBe('verify-full');
    for (const name of SSL_MODES) expect(mode({ sslmode: name })).toBe(name);
  });

  test.each([
    [{ sslmode: 'Require' }, /allow, prefer/],
    [{ sslmode: 'no-verify' }, /sslmode=require/],
    [{ sslmode: 'verify-ca', sslrootcert: 'system' }, /verify-full/],
    [{ sslmode: 'prefer', sslnegotiation: 'direct' }, /sslmode=require/],
    [{ sslnegotiation: 'direct' }, /sslmode=require/],
  ])('is refused where it cannot be: %o', (options, hint) => {
    expect(() => mode(options)).toThrow(
      expect.objectContaining({ code: 'CONFIG_INVALID', hint: expect.stringMatching(hint) }),
    );
  });

  const none = { plain: 'connected', tls: 'tls' } as const;
  const both = { plain: 'connected', tls: 'connected' } as const;
  const demanded = { plain: 'refused', tls: 'connected' } as const;

  test.each<[SslMode, Parameters<typeof played>[1], string[]]>([
    ['disable', both, ['plain']],
    ['disable', demanded, ['plain', 'stop']],
    ['allow', both, ['plain']],
    ['allow', demanded, ['plain', 'tls']],
    ['prefer', both, ['tls']],
    ['prefer', none, ['tls', 'plain']],
    ['prefer', { plain: 'connected', tls: 'refused' }, ['tls', 'plain']],
    ['prefer', { plain: 'refused', tls: 'refused' }, ['tls', 'plain', 'stop']],
    ['require', none, ['tls', 'stop']],
    ['verify-ca', none, ['tls', 'stop']],
    ['verify-full', none, ['tls', 'stop']],
    ['verify-full', { plain: 'connected', tls: 'refused' }, ['tls', 'stop']],
    ['prefer', { plain: 'connected', tls: 'unreachable' }, ['tls', 'next host']],
    ['require', { plain: 'connected', tls: 'unsuitable' }, ['tls', 'next host']],
  ])('%s with %o', (sslMode, outcomes, tried) => {
    expect(played(sslMode, outcomes)).toEqual(tried);
  });

  test('means nothing on a socket of this machine', () => {
    for (const name of SSL_MODES) expect(encryptionOrder(name, true)).toEqual([false]);
  });
});
