/** A TCP proxy in front of a PostgreSQL server that counts how often a client waits for it after connecting. */

import { ForwardingServer, type Line } from './forwarding-server.ts';

const PROTOCOL_3 = 196_608;
/** The client wants an answer to all it has sent: to a simple query, or to what a Sync ends. */
const ASKS: ReadonlySet<string> = new Set(['Q', 'S']);

export class CountingProxy implements AsyncDisposable {
  roundTrips = 0;
  connections = 0;
  readonly #server: ForwardingServer;

  private constructor(server: ForwardingServer) {
    this.#server = server;
  }

  static async start(databaseUrl: string): Promise<CountingProxy> {
    const server = await ForwardingServer.start(databaseUrl, (line) => proxy.#forward(line));
    const proxy = new CountingProxy(server);
    return proxy;
  }

  /** The URL it was given, with the proxy's host and port. */
  get url(): string {
    return this.#server.url;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server[Symbol.asyncDispose]();
  }

  #forward({ client, upstream }: Line): void {
    this.connections++;
    const messages = new ClientMessages();
    client.on('data', (chunk) => {
      for (const type of messages.of(chunk)) if (ASKS.has(type)) this.roundTrips++;
      upstream.write(chunk);
    });
    upstream.pipe(client);
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
      if (this.#bytes.length < head + 4) return;
      const length = head + this.#bytes.readUInt32BE(head);
      if (this.#bytes.length < length) return;
      const message = this.#bytes.subarray(0, length);
      this.#bytes = this.#bytes.subarray(length);
      if (this.#started) yield String.fromCharCode(message[0] ?? 0);
      else this.#started = message.readUInt32BE(4) === PROTOCOL_3;
    }
  }
}
