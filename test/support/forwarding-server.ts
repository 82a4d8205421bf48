/** What the proxies in front of a PostgreSQL server share: they listen, connect onwards, and end with all their sockets. */

import net from 'node:net';

/** The two ends of a connection. Each is destroyed when the other has closed. */
export interface Line {
  readonly client: net.Socket;
  readonly upstream: net.Socket;
}

export class ForwardingServer implements AsyncDisposable {
  /** The URL it was given, with the proxy's host and port. */
  readonly url: string;
  readonly #server: net.Server;
  readonly #sockets: ReadonlySet<net.Socket>;

  private constructor(url: string, server: net.Server, sockets: ReadonlySet<net.Socket>) {
    this.url = url;
    this.#server = server;
    this.#sockets = sockets;
  }

  /** @param forward passes on what the two ends of a new connection send */
  static async start(
    databaseUrl: string,
    forward: (line: Line) => void,
  ): Promise<ForwardingServer> {
    const target = new URL(databaseUrl);
    const sockets = new Set<net.Socket>();
    const server = net.createServer((client) => {
      const upstream = net.connect(Number(target.port), target.hostname);
      for (const [socket, other] of [
        [client, upstream],
        [upstream, client],
      ] as const) {
        sockets.add(socket);
        socket.on('error', () => undefined);
        socket.once('close', () => {
          sockets.delete(socket);
          other.destroy();
        });
      }
      forward({ client, upstream });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const url = new URL(databaseUrl);
    url.hostname = '127.0.0.1';
    url.port = String((server.address() as net.AddressInfo).port);
    return new ForwardingServer(url.href, server, sockets);
  }

  /** Cuts every connection there is; new ones are welcome. */
  cutAll(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.cutAll();
    await closed;
  }
}
