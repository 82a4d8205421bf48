/**
 * A TCP proxy in front of a PostgreSQL server that tells clients another process id than that of their backend, as
 * connection poolers do, which give a connection to whoever has a transaction.
 */

import { ForwardingServer, type Line } from './forwarding-server.ts';

/** BackendKeyData: its type and length; the process id follows. */
const KEY_DATA = Buffer.from([0x4b, 0, 0, 0, 12]);

export function startPoolerProxy(databaseUrl: string): Promise<ForwardingServer> {
  return ForwardingServer.start(databaseUrl, withAnotherPid);
}

function withAnotherPid({ client, upstream }: Line): void {
  client.pipe(upstream);
  let told = false;
  upstream.on('data', (chunk: Buffer) => {
    const at = told ? -1 : chunk.indexOf(KEY_DATA);
    if (at >= 0) {
      chunk.writeInt32BE(1, at + KEY_DATA.length);
      told = true;
    }
    client.write(chunk);
  });
}
