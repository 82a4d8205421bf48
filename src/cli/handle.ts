import type { AccessConfig } from '../config/access-config.ts';
import { Connected } from '../connected.ts';
import { type ConnectionFlags, connectionOf } from './connection-options.ts';

/**
 * The handle of a command, without a pool: a command is one operation, whose connections are its own, and `doctor` finds
 * out what is wrong with them.
 * @throws RelytError CONFIG_INVALID, which quotes no value of the connection
 */
export function handleOf(
  flags: ConnectionFlags,
  access: Omit<AccessConfig, 'postgresql'> = {},
): Connected {
  return new Connected({ ...access, postgresql: connectionOf(flags) });
}
