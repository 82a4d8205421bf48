/** A TCP proxy in front of a server: it can fall silent, cut everything, or lose the answer to one statement. */

import net from 'node:net';

/** What happens to the next statement with this text. */
export interface StatementFault {
  readonly text: string;
  /** `before`: it never arrives. `after`: it takes effect, and its answer is lost. */
  readonly cut: 'before' | 'after';
}

export class TcpProxy implements AsyncDisposable {
  /** The URL it was given, with the proxy's host and port. */
  readonly url: string;
  /** Faults that have happened. */
  met = 0;
  /** Connections that were accepted since it fell silent. */
  acceptedInSilence = 0;
  readonly #target: URL;
  readonly #server: net.Server;
  readonly #sockets = new Set<net.Socket>();
  readonly #faults: StatementFault[] = [];
  #silent = false;

  private constructor(target: URL, server: net.Server) {
    this.#target = target;
    this.#server = server;
    const url = new URL(target);
    url.hostname = '127.0.0.1';
    url.port = String((server.address() as net.AddressInfo).port);
    this.url = url.href;
    server.on('connection', (client) => this.#connect(client));
  }

  static async start(url: string): Promise<TcpProxy> {
    const server = net.createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return new TcpProxy(new URL(url), server);
  }

  /** The next statement that fits meets this fault; later ones pass. */
  lose(fault: StatementFault): void {
    this.#faults.push(fault);
  }

  /** From now on nothing is passed on in either direction, and nobody is told; new connections are accepted. */
  silence(): void {
    this.#silent = true;
    this.acceptedInSilence = 0;
  }

  /** New connections work again; those that fell silent stay so. */
  speak(): void {
    this.#silent = false;
  }

  cutAll(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.cutAll();
    await closed;
  }

  #connect(client: net.Socket): void {
    this.#keep(client);
    if (this.#silent) {
      this.acceptedInSilence++;
      client.resume();
      return;
    }
    const upstream = net.connect(Number(this.#target.port), this.#target.hostname);
    this.#keep(upstream);
    let answerIsLost = false;
    // Once silent, a connection never speaks again.
    let silent = false;
    const cut = () => {
      client.destroy();
      upstream.destroy();
    };
    client.on('data', (chunk) => {
      silent ||= this.#silent;
      if (silent) return;
      const fault = this.#faultOf(chunk);
      if (fault?.cut === 'before') return cut();
      answerIsLost ||= fault !== undefined;
      upstream.write(chunk);
    });
    upstream.on('data', (chunk) => {
      silent ||= this.#silent;
      if (silent) return;
      // The server answers only when it is done.
      if (answerIsLost) cut();
      else client.write(chunk);
    });
    client.once('close', () => upstream.destroy());
    upstream.once('close', () => {
      if (!silent) client.destroy();
    });
  }

  #faultOf(chunk: Buffer): StatementFault | undefined {
    const index = this.#faults.findIndex(({ text }) => chunk.includes(text));
    if (index < 0) return undefined;
    this.met++;
    return this.#faults.splice(index, 1)[0];
  }

  #keep(socket: net.Socket): void {
    this.#sockets.add(socket);
    socket.on('error', () => undefined);
    socket.once('close', () => this.#sockets.delete(socket));
  }
}
