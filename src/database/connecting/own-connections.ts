import net from 'node:net';
import type pg from 'pg';
import type { Connection } from '../../config/access-schema.ts';
import { keepSecret } from '../../core/redaction.ts';
import type { ConnectionSource } from './connection-source.ts';
import { ownOptions } from './given-options.ts';
import { openClient } from './open-client.ts';
import { hiddenPassword } from './password.ts';

/** Connections that are made as libpq would make them. */
export class OwnConnections implements ConnectionSource {
  readonly #connection: Connection;
  readonly #applicationName: string;
  readonly #sockets = new Set<net.Socket>();
  #isDestroyed = false;

  /** @throws RelytError CONFIG_INVALID */
  constructor(connection: Connection, applicationName: string) {
    keepSecret(hiddenPassword(ownOptions(connection)));
    this.#connection = connection;
    this.#applicationName = applicationName;
  }

  open(): Promise<pg.Client> {
    return openClient(this.#connection, {
      application_name: this.#applicationName,
      stream: () => this.#newSocket(),
    });
  }

  end(client: pg.Client): Promise<void> {
    return client.end();
  }

  destroy(): void {
    this.#isDestroyed = true;
    for (const socket of this.#sockets) socket.destroy();
  }

  #newSocket(): net.Socket {
    // A connection under way may have hosts left to try.
    if (this.#isDestroyed) throw new Error('the connections are closed');
    const socket = new net.Socket();
    this.#sockets.add(socket);
    socket.once('close', () => this.#sockets.delete(socket));
    return socket;
  }
}
