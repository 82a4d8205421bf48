import { isIP } from 'node:net';
import { hostname } from 'node:os';

const LOOPBACK_NAMES: ReadonlySet<string> = new Set(['localhost', '127.0.0.1', '[::1]', '::1']);
/** Addresses by which a server listens on all interfaces. */
const EVERY_ADDRESS: ReadonlySet<string> = new Set(['0.0.0.0', '::']);

/** Whether only programs of this machine reach a server that listens on this host. */
export function isLoopback(host: string): boolean {
  return LOOPBACK_NAMES.has(host.toLowerCase()) || /^127(\.\d{1,3}){3}$/.test(host);
}

/**
 * Whether a request names a host that is this monitor. A page of another site may make its own name resolve to this
 * machine, and would read the answers as its own: the Host header still has that name. Any port passes, because a tunnel
 * has its own.
 *
 * @param header the Host header
 * @param bound the host on which the monitor listens
 */
export function isOwnHost(header: string | undefined, bound: string): boolean {
  const name = hostOf(header ?? '');
  if (name === undefined) return false;
  if (isLoopback(name)) return true;
  if (isLoopback(bound)) return false;
  if (name === bound.toLowerCase()) return true;
  // A DNS name can belong to another site; an address, and the name of this machine, cannot.
  return EVERY_ADDRESS.has(bound) && (isIP(name) !== 0 || name === hostname().toLowerCase());
}

/** Without port and brackets; undefined when it is not a host. */
function hostOf(header: string): string | undefined {
  const [, bracketed, plain] =
    /^(?:\[([0-9a-fA-F:.]+)\]|([^:[\]/@\s]+))(?::\d{1,5})?$/.exec(header) ?? [];
  return (bracketed ?? plain)?.toLowerCase();
}
