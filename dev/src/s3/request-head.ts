import type { IncomingMessage } from 'node:http';
import { parseRequestTarget, type RequestTarget } from './request-target.ts';

/** A request without its body: all that routing and authentication look at. */
export interface RequestHead {
  readonly method: string;
  readonly target: RequestTarget;
  /** Lower-case names; values trimmed, inner spaces collapsed, repeated headers joined by a comma. */
  readonly headers: ReadonlyMap<string, string>;
}

/**
 * Headers are taken from the raw list: Node joins repeated ones with ', ' and drops some,
 * while a signature covers every one of them joined with ','.
 */
export function readRequestHead(incoming: IncomingMessage): RequestHead {
  const headers = new Map<string, string>();
  for (let i = 0; i + 1 < incoming.rawHeaders.length; i += 2) {
    const name = (incoming.rawHeaders[i] ?? '').toLowerCase();
    const value = (incoming.rawHeaders[i + 1] ?? '').trim().replace(/ +/g, ' ');
    const earlier = headers.get(name);
    headers.set(name, earlier === undefined ? value : `${earlier},${value}`);
  }
  return {
    method: incoming.method ?? 'GET',
    target: parseRequestTarget(incoming.url ?? '/'),
    headers,
  };
}
