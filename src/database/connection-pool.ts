import net from 'node:net';
import pg from 'pg';
import type { Connection } from '../config/access-schema.ts';
import { keepSecret } from '../core/redaction.ts';
import { RelytError } from '../errors.ts';
import { isCut, isPlainSqlError, withinLimit } from './client-state.ts';
import { ownOptions } from './connecting/given-options.ts';
import { openClient } from './connecting/open-client.ts';
import { hiddenPassword } from './connecting/password.ts';
import { Turns } from './turns.ts';

/** What the farewell of all connections may take. */
const CLOSE_LIMIT_MS = 5_000;
/** A connection that nobody used for so long is given back to the server. */
const IDLE_LIMIT_MS = 60_000;

const INT8 = 20;
const TEXT_TYPES = new Set([1082, 1114, 1184]); // date and timestamps: never through a JavaScript Date

/** Bookkeeping values only: int8 as number (counts and ordinals stay below 2^53), times as the text the statement asked for. */
function parserOf(oid: number, format?: 'text' | 'binary'): (value: string) => unknown {
  if (oid === INT8) return Number;
  if (TEXT_TYPES.has(oid)) return String;
  return pg.types.getTypeParser(oid, format ?? 'text') as (value: string) => unknown;
}

/**
 * Connections that are shared, and thrown away once something happened on them. Not node-postgres's pool: one
 * connection may take several attempts until host and encryption fit (`connecting/`).
 */
export class ConnectionPool {
  readonly #connection: Connection;
  readonly #applicationName: string;
  readonly #turns: Turns;
  readonly #sockets = new Set<net.Socket>();
  /** Connections that nobody uses, and the clock that ends each. */
  readonly #idle = new Map<pg.Client, NodeJS.Timeout>();
  readonly #lossListeners: (() => void)[] = [];
  readonly #running = new Set<Promise<unknown>>();
  readonly #leaving = new Set<Promise<unknown>>();
  #state: 'open' | 'closing' | 'closed' = 'open';

  /** @throws RelytError CONFIG_INVALID */
  constructor(
    connection: Connection,
    options: { readonly connections: number; readonly applicationName: string },
  ) {
    keepSecret(hiddenPassword(ownOptions(connection)));
    this.#connection = connection;
    this.#applicationName = options.applicationName;
    this.#turns = new Turns(options.connections);
  }

  /** A connection on which anything but a plain SQL error happened is thrown away, not reused. */
  async withClient<T>(work: (client: pg.Client) => Promise<T>): Promise<T> {
    const running = this.#turns.run(() => this.#withClient(work));
    this.#running.add(running);
    try {
      return await running;
    } finally {
      this.#running.delete(running);
    }
  }

  /** Tells this listener whenever a connection was lost that was not in use. */
  whenConnectionLost(listener: () => void): void {
    this.#lossListeners.push(listener);
  }

  /** Says goodbye to the server; one that does not answer is left without. */
  async close(): Promise<void> {
    this.#state = 'closing';
    await withinLimit(this.#farewell(), CLOSE_LIMIT_MS);
    this.#state = 'closed';
    for (const socket of this.#sockets) socket.destroy();
  }

  async #withClient<T>(work: (client: pg.Client) => Promise<T>): Promise<T> {
    const client = await this.#take();
    let broken = false;
    const onError = () => {
      broken = true;
    };
    client.on('error', onError);
    try {
      return await work(client);
    } catch (error) {
      broken ||= !isPlainSqlError(error);
      throw error;
    } finally {
      client.off('error', onError);
      if (broken || isCut(client) || this.#state !== 'open') this.#end(client);
      else this.#keep(client);
    }
  }

  async #take(): Promise<pg.Client> {
    if (this.#state !== 'open')
      throw new RelytError('DATABASE_UNREACHABLE', 'the connections are closed');
    const [client] = [...this.#idle.keys()].slice(-1);
    if (client === undefined) return this.#open();
    this.#forget(client);
    return client;
  }

  async #open(): Promise<pg.Client> {
    const client = await openClient(this.#connection, {
      application_name: this.#applicationName,
      stream: () => this.#newSocket(),
      types: { getTypeParser: parserOf as typeof pg.types.getTypeParser },
    });
    // An idle connection that breaks is replaced at its next use.
    for (const event of ['error', 'end'] as const) client.on(event, () => this.#lost(client));
    return client;
  }

  #keep(client: pg.Client): void {
    const limit = setTimeout(() => {
      this.#forget(client);
      // One stays open: by it others see that this process lives.
      if (this.#idle.size === 0) this.#keep(client);
      else this.#end(client);
    }, IDLE_LIMIT_MS);
    this.#idle.set(client, limit.unref());
  }

  #lost(client: pg.Client): void {
    if (!this.#idle.has(client)) return;
    this.#forget(client);
    for (const listener of this.#lossListeners) listener();
  }

  #forget(client: pg.Client): void {
    clearTimeout(this.#idle.get(client));
    this.#idle.delete(client);
  }

  #end(client: pg.Client): void {
    const leaving = client.end().catch(() => undefined);
    this.#leaving.add(leaving);
    void leaving.finally(() => this.#leaving.delete(leaving));
  }

  async #farewell(): Promise<void> {
    for (const client of [...this.#idle.keys()]) {
      this.#forget(client);
      this.#end(client);
    }
    await Promise.allSettled(this.#running);
    await Promise.allSettled(this.#leaving);
  }

  #newSocket(): net.Socket {
    // A connection under way may have hosts left to try.
    if (this.#state === 'closed') throw new Error('the connections are closed');
    const socket = new net.Socket();
    this.#sockets.add(socket);
    socket.once('close', () => this.#sockets.delete(socket));
    return socket;
  }
}
