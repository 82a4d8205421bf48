/** `sslmode` as libpq defines it: in which order a host is tried with and without TLS, and what TLS has to prove. */

import { RelytError } from '../../errors.ts';
import { choiceOf } from './choice.ts';
import type { ConnectionOptions } from './keywords.ts';

export const SSL_MODES = [
  'disable',
  'allow',
  'prefer',
  'require',
  'verify-ca',
  'verify-full',
] as const;
export type SslMode = (typeof SSL_MODES)[number];

/** For users of a mode of node-postgres that has no name in libpq. */
const UNVERIFIED =
  'Use sslmode=require without sslrootcert, which encrypts but does not check the certificate.';

/** What became of an attempt to connect. */
export type AttemptFailure =
  /** No server answers there, or it is starting or stopping. */
  | 'unreachable'
  /** No TLS there, or its certificate is not good enough. */
  | 'tls'
  /** The server answered with an error. */
  | 'refused'
  /** Connected, but not to a server of the wanted kind. */
  | 'unsuitable';

/** What to do after a failed attempt. */
export type NextTry = 'other encryption' | 'next host' | 'stop';

/** @throws RelytError CONFIG_INVALID */
export function sslModeOf(options: ConnectionOptions): SslMode {
  const trustsSystem = options.get('sslrootcert') === 'system';
  const hint = options.get('sslmode') === 'no-verify' ? UNVERIFIED : undefined;
  const given = choiceOf(options, 'sslmode', SSL_MODES, { hint });
  const mode = given ?? (trustsSystem ? 'verify-full' : 'prefer');
  if (trustsSystem && mode !== 'verify-full') {
    throw new RelytError(
      'CONFIG_INVALID',
      `The sslmode "${mode}" is too weak for sslrootcert=system.`,
      {
        hint: 'Use sslmode=verify-full: any server can have a certificate of a public authority.',
      },
    );
  }
  if (options.get('sslnegotiation') === 'direct' && triesPlain(mode)) {
    throw new RelytError(
      'CONFIG_INVALID',
      `The sslmode "${mode}" is too weak for sslnegotiation=direct.`,
      {
        hint: 'Use sslmode=require or a stricter one.',
      },
    );
  }
  return mode;
}

function triesPlain(mode: SslMode): boolean {
  return mode === 'disable' || mode === 'allow' || mode === 'prefer';
}

/** Whether each attempt at a host is one with TLS, in their order. A socket of this machine needs none. */
export function encryptionOrder(mode: SslMode, isSocket: boolean): readonly boolean[] {
  if (isSocket || mode === 'disable') return [false];
  if (mode === 'allow') return [false, true];
  return mode === 'prefer' ? [true, false] : [true];
}

/** @param encrypted whether the attempt was one with TLS; @param isLast whether the host has no other one left */
export function nextTry(
  failure: AttemptFailure,
  { encrypted, isLast }: { readonly encrypted: boolean; readonly isLast: boolean },
): NextTry {
  if (failure === 'unreachable' || failure === 'unsuitable') return 'next host';
  if (isLast) return 'stop';
  return failure === 'refused' || encrypted ? 'other encryption' : 'stop';
}
