/** A TCP proxy in front of a PostgreSQL server that loses the answer to COMMIT, as a broken network would. */

import net from 'node:net';

/** What happens to the next COMMIT that is met. */
export interface CommitFault {
  /** `before`: the COMMIT never arrives. `after`: the server commits, and its answer is lost. */
  readonly cut: 'before' | 'after';
  /** The COMMIT of a transaction in which this was said. */
  readonly having: string;
  /** So many of them pass before; default 0. */
  readonly passing?: number;
}

interface MetFault extends CommitFault {
  /** How many still pass. */
  left: number;
}

export class PostgresProxy implements AsyncDisposable {
  /** The URL it was given, with the proxy's host and port. */
  readonly url: string;
  /** COMMITs whose answer was lost so far. */
  lost = 0;
  readonly #server: net.Server;
  readonly #sockets: Set<net.Socket>;
  readonly #faults: MetFault[];

  private constructor(
    url: string,
    server: net.Server,
    shared: { readonly sockets: Set<net.Socket>; readonly faults: MetFault[] },
  ) {
    this.url = url;
    this.#server = server;
    this.#sockets = shared.sockets;
    this.#faults = shared.faults;
  }

  static async start(databaseUrl: string): Promise<PostgresProxy> {
    const target = new URL(databaseUrl);
    const sockets = new Set<net.Socket>();
    const faults: MetFault[] = [];
    const onLost = () => {
      proxy.lost++;
    };
    const server = net.createServer((client) => {
      const upstream = net.connect(Number(target.port), target.hostname);
      for (const socket of [client, upstream]) {
        sockets.add(socket);
        socket.on('error', () => undefined);
        socket.once('close', () => sockets.delete(socket));
      }
      forward({ client, upstream, faults, onLost });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const url = new URL(databaseUrl);
    url.hostname = '127.0.0.1';
    url.port = String((server.address() as net.AddressInfo).port);
    const proxy = new PostgresProxy(url.href, server, { sockets, faults });
    return proxy;
  }

  /** The next COMMIT that fits meets this fault; later ones pass. */
  loseCommit(fault: CommitFault): void {
    this.#faults.push({ ...fault, left: fault.passing ?? 0 });
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

interface Line {
  readonly client: net.Socket;
  readonly upstream: net.Socket;
  readonly faults: MetFault[];
  readonly onLost: () => void;
}

/** COMMIT is a statement of its own, and the last one of a message, so one chunk holds all of it. */
const COMMIT = Buffer.from('commit\0');

function forward({ client, upstream, faults, onLost }: Line): void {
  let said = '';
  let answerIsLost = false;
  client.on('data', (chunk) => {
    const isCommit = chunk.includes(COMMIT);
    said += chunk.toString('latin1');
    const fault = isCommit ? takeFault(faults, said) : undefined;
    if (isCommit) said = '';
    if (fault === undefined) return void upstream.write(chunk);
    onLost();
    if (fault.cut === 'before') return cut();
    answerIsLost = true;
    upstream.write(chunk);
  });
  upstream.on('data', (chunk) => {
    // The server answers only when it has committed.
    if (answerIsLost) cut();
    else client.write(chunk);
  });
  client.once('close', () => upstream.destroy());
  upstream.once('close', () => client.destroy());
  function cut(): void {
    client.destroy();
    upstream.destroy();
  }
}

function takeFault(faults: MetFault[], said: string): CommitFault | undefined {
  const index = faults.findIndex((fault) => said.includes(fault.having) && fault.left-- === 0);
  return index < 0 ? undefined : faults.splice(index, 1)[0];
}
