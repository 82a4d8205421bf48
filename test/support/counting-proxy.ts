/** A TCP proxy in front of a PostgreSQL server that counts how often a client waits for it after connecting. */

import net from 'node:net';

const PROTOCOL_3 = 196_608;
/** The client wants an answer to all it has sent: to a simple query, or to what a Sync ends. */
const ASKS: ReadonlySet<string> = new Set(['Q', 'S']);

export class CountingProxy implements AsyncDisposable {
  /** The URL it was given, with the proxy's host and port. */
  readonly url: string;
  roundTrips = 0;
  connections = 0;
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

  static async start(databaseUrl: string): Promise<CountingProxy> {
    const server = net.createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return new CountingProxy(databaseUrl, server);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  #connect(client: net.Socket, target: URL): void {
    const upstream = net.connect(Number(target.port), target.hostname);
    for (const socket of [client, upstream]) {
      this.#sockets.add(socket);
      socket.on('error', () => undefined);
      socket.once('close', () => this.#sockets.delete(socket));
    }
    this.connections++;
    const messages = new ClientMessages();
    client.on('data', (chunk) => {
      for (const type of messages.of(chunk)) if (ASKS.has(type)) this.roundTrips++;
      upstream.write(chunk);
    });
    upstream.on('data', (chunk) => client.write(chunk));
    client.once('close', () => upstream.destroy());
    upstream.once('close', () => client.destroy());
  }
}

/** Finds the messages in what a client sends. */
class ClientMessages {
  #bytes = Buffer.alloc(0);
  #started = false;

  /** The types of those that have come whole. */
  *of(chunk: Buffer): Generator<string> {
    this.#bytes = Buffer.concat([this.#bytes, chunk]);
    for (;;) {
      // Before the start of the protocol messages have no type.
      const head = this.#started ? 1 : 0;
      if (this.#bytes.length < head + 8) {
        if (!this.#started || this.#bytes.length < 5) return;
      }
      const length = head + this.#bytes.readUInt32BE(head);
      if (this.#bytes.length < length) return;
      const message = this.#bytes.subarray(0, length);
      this.#bytes = this.#bytes.subarray(length);
      if (this.#started) yield String.fromCharCode(message[0] ?? 0);
      else this.#started = message.readUInt32BE(4) === PROTOCOL_3;
    }
  }
}
