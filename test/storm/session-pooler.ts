/**
 * A pooler of sessions in front of a PostgreSQL server. A new backend costs the server more than all that a small load
 * does on it, so a connection that said goodbye leaves its backend, cleaned, to the next one of the same role. One that
 * broke takes its backend along, as without a pooler; name and process id are those of the backend.
 */

import net from 'node:net';
import { Backend, type Startup } from './pooled-backend.ts';

/** Who has just read the name of a backend and ends it must not meet the next client of it. */
const REST_MS = 200;

export class SessionPooler implements AsyncDisposable {
  readonly #target: URL;
  readonly #server: net.Server;
  readonly #sockets = new Set<net.Socket>();
  /** Backends without a client, the newest last: it knows most by heart of what is asked next. */
  readonly #free: Backend[] = [];

  private constructor(target: URL, server: net.Server) {
    this.#target = target;
    this.#server = server;
    server.on('connection', (client) => this.#accept(client));
  }

  static async start(databaseUrl: string): Promise<SessionPooler> {
    const server = net.createServer({ noDelay: true });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return new SessionPooler(new URL(databaseUrl), server);
  }

  /** The same database and role through this pooler. */
  through(databaseUrl: string): string {
    const url = new URL(databaseUrl);
    const { port } = this.#server.address() as net.AddressInfo;
    url.hostname = '127.0.0.1';
    url.port = String(port);
    return url.href;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  #accept(client: net.Socket): void {
    this.#keep(client);
    client.once('data', (chunk: Buffer) => {
      client.pause();
      const startup = readStartup(chunk);
      const backend = this.#takeFree(startup) ?? this.#makeBackend(startup);
      void backend.serve(client, startup.applicationName).then((isClean) => {
        if (isClean) this.#free.push(backend);
      });
    });
  }

  #takeFree({ key }: Startup): Backend | undefined {
    const restedBefore = performance.now() - REST_MS;
    const index = this.#free.findLastIndex(
      (one) => one.key === key && one.isOpen && one.freeSince < restedBefore,
    );
    return index < 0 ? undefined : this.#free.splice(index, 1)[0];
  }

  #makeBackend(startup: Startup): Backend {
    const upstream = net.connect({
      port: Number(this.#target.port),
      host: this.#target.hostname,
      noDelay: true,
    });
    this.#keep(upstream);
    return new Backend(upstream, startup);
  }

  #keep(socket: net.Socket): void {
    this.#sockets.add(socket);
    socket.on('error', () => undefined);
    socket.once('close', () => this.#sockets.delete(socket));
  }
}

/** Length and version, then names and values, each ended by a zero. It comes as one chunk. */
function readStartup(message: Buffer): Startup {
  const words = message.subarray(8).toString('utf8').split('\0');
  const pairs = new Map<string, string>();
  for (let n = 0; n + 1 < words.length && words[n] !== ''; n += 2)
    pairs.set(words[n] ?? '', words[n + 1] ?? '');
  const applicationName = pairs.get('application_name') ?? '';
  pairs.delete('application_name');
  return { message, applicationName, key: JSON.stringify([...pairs].sort()) };
}
