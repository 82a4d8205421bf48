/**
 * A TCP proxy in front of a PostgreSQL server that tells clients another process id than that of their backend, as
 * connection poolers do, which give a connection to whoever has a transaction.
 */

import net from 'node:net';

/** BackendKeyData: its type and length; the process id follows. */
const KEY_DATA = Buffer.from([0x4b, 0, 0, 0, 12]);

export class PoolerProxy implements AsyncDisposable {
  /** The URL it was given, with the proxy's host and port. */
  readonly url: string;
  readonly #server: net.Server;
  readonly #sockets = new Set<net.Socket>();

  private constructor(databaseUrl: string, server: net.Server) {
    const target = new URL(databaseUrl);
    this.#server = server;
    const url = new URL(databaseUrl);
    url.hostname = '127.0.0.1';
    url.port = String((server.address() as net.AddressInfo).port);
    this.url = url.href;
    server.on('connection', (client) => this.#connect(client, target));
  }

  static async start(databaseUrl: string): Promise<PoolerProxy> {
    const server = net.createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return new PoolerProxy(databaseUrl, server);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  #connect(client: net.Socket, target: URL): void {
    const upstream = net.connect(Number(target.port), target.hostname);
    for (const [socket, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      this.#sockets.add(socket);
      socket.on('error', () => undefined);
      socket.once('close', () => {
        this.#sockets.delete(socket);
        other.destroy();
      });
    }
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
}
