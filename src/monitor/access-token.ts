import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { keepSecret } from '../core/redaction.ts';
import { RelytError } from '../errors.ts';
import { isLoopback } from './host-check.ts';

/** A shorter token could be guessed. */
const SHORTEST_TOKEN = 16;
const COOKIE = 'relyt_monitor';

/** What a request sends to prove that it may read. */
export interface Credentials {
  /** The header Authorization. */
  readonly authorization: string | undefined;
  /** The header Cookie. */
  readonly cookie: string | undefined;
}

/** Decides which requests may read. Neither the token nor the session is ever in a URL. */
export class AccessToken {
  readonly #token: string;
  /** What the cookie holds instead of the token. It ends with the process. */
  readonly #session = randomBytes(32).toString('base64url');

  /** @throws RelytError CONFIG_INVALID when the token is too short */
  constructor(token: string) {
    if (token.length < SHORTEST_TOKEN) {
      throw new RelytError(
        'CONFIG_INVALID',
        `The token has ${token.length} characters, but needs at least ${SHORTEST_TOKEN}.`,
        { hint: 'Make one with `openssl rand -hex 16`, and give it in RELYT_MONITOR_TOKEN.' },
      );
    }
    keepSecret(token, this.#session);
    this.#token = token;
  }

  /** Whether this is the token. */
  matches(given: string): boolean {
    return isSame(given, this.#token);
  }

  /** Whether the request may read: by `Authorization: Bearer TOKEN`, or the cookie that logging in has set. */
  admits({ authorization, cookie }: Credentials): boolean {
    const [, bearer] = /^Bearer +(\S+) *$/i.exec(authorization ?? '') ?? [];
    if (bearer !== undefined) return this.matches(bearer);
    const [, session] = new RegExp(`(?:^|; *)${COOKIE}=([^;]*)`).exec(cookie ?? '') ?? [];
    return session !== undefined && isSame(session, this.#session);
  }

  /** The header Set-Cookie after a login. Scripts cannot read it, and other sites cannot send it. */
  get setCookie(): string {
    return `${COOKIE}=${this.#session}; Path=/; HttpOnly; SameSite=Strict`;
  }
}

/**
 * The token that a monitor on this host asks for; undefined when it asks for none.
 * @throws RelytError CONFIG_INVALID when other machines could read without one
 */
export function requiredToken(host: string, token: string | undefined): AccessToken | undefined {
  if (token !== undefined) return new AccessToken(token);
  if (isLoopback(host)) return undefined;
  throw new RelytError(
    'CONFIG_INVALID',
    `The monitor on ${host} can be reached from other machines, and needs a token.`,
    { hint: 'Give one in RELYT_MONITOR_TOKEN or with --token, or leave out --host.' },
  );
}

/** Takes the same time wherever the two differ, and however long they are. */
function isSame(one: string, other: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(one), digest(other));
}
