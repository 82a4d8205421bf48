/** A server that takes every connection, as PostgreSQL does, and never answers a question. */

import net from 'node:net';

/** AuthenticationOk and ReadyForQuery. */
const WELCOME = Buffer.from([0x52, 0, 0, 0, 8, 0, 0, 0, 0, 0x5a, 0, 0, 0, 5, 0x49]);
/** Length and code of a request for TLS. */
const ASKS_FOR_TLS = Buffer.from([0, 0, 0, 8, 4, 210, 22, 47]);

export interface SilentServer extends AsyncDisposable {
  readonly port: number;
  /** Questions that were left without an answer. */
  readonly asked: number;
}

export async function silenceAfterStart(): Promise<SilentServer> {
  const sockets = new Set<net.Socket>();
  let asked = 0;
  const server = net.createServer((socket) => {
    let isStarted = false;
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('data', (chunk) => {
      if (isStarted) asked += chunk[0] === 0x51 || chunk[0] === 0x50 ? 1 : 0;
      else if (chunk.equals(ASKS_FOR_TLS)) socket.write('N');
      else isStarted = socket.write(WELCOME) || true;
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as net.AddressInfo).port,
    get asked() {
      return asked;
    },
    async [Symbol.asyncDispose]() {
      const closed = new Promise((resolve) => server.close(resolve));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}
