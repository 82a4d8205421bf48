import type pg from 'pg';
import type { Connection } from '../config/access-schema.ts';
import { RelytError } from '../errors.ts';
import { isCut, isPlainSqlError, withinLimit } from './client-state.ts';
import type { ConnectionSource } from './connecting/connection-source.ts';
import { lentBy } from './connecting/lent-connections.ts';
import { OwnConnections } from './connecting/own-connections.ts';
import { Turns } from './turns.ts';

/** How long ending all connections may take. */
const CLOSE_LIMIT_MS = 5_000;
/** A connection that was not used for this long is closed. */
const IDLE_LIMIT_MS = 60_000;

/**
 * Connections that are shared, and thrown away once something happened on them. Not node-postgres's pool: one
 * connection may take several attempts until host and encryption fit (`connecting/`).
 */
export class ConnectionPool {
  readonly #source: ConnectionSource;
  readonly #turns: Turns;
  /** Connections that are not in use, and the timer that ends each. */
  readonly #idle = new Map<pg.Client, NodeJS.Timeout>();
  readonly #listening = new WeakMap<pg.Client, () => void>();
  readonly #lossListeners: (() => void)[] = [];
  readonly #running = new Set<Promise<unknown>>();
  readonly #leaving = new Set<Promise<unknown>>();
  #state: 'open' | 'closing' | 'closed' = 'open';

  /** @throws RelytError CONFIG_INVALID */
  constructor(
    connection: Connection,
    options: { readonly connections: number; readonly applicationName: string },
  ) {
    const { connections, applicationName } = options;
    this.#source =
      lentBy(connection, connections) ?? new OwnConnections(connection, applicationName);
    this.#turns = new Turns(connections);
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

  /** Ends the connection in order; a server that does not answer gets no farewell. */
  async close(): Promise<void> {
    this.#state = 'closing';
    await withinLimit(this.#farewell(), CLOSE_LIMIT_MS);
    this.#state = 'closed';
    this.#source.destroy();
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
      if (broken || isCut(client)) this.#end(client, false);
      else if (this.#state !== 'open') this.#end(client, true);
      else this.#keep(client);
    }
  }

  async #take(): Promise<pg.Client> {
    if (this.#state !== 'open')
      throw new RelytError('DATABASE_UNREACHABLE', 'The connections are closed.');
    const [client] = [...this.#idle.keys()].slice(-1);
    if (client === undefined) return this.#open();
    this.#forget(client);
    return client;
  }

  async #open(): Promise<pg.Client> {
    const client = await this.#source.open();
    // An idle connection that breaks is replaced at its next use.
    const onLost = () => this.#lost(client);
    for (const event of ['error', 'end'] as const) client.on(event, onLost);
    this.#listening.set(client, onLost);
    return client;
  }

  #keep(client: pg.Client): void {
    const limit = setTimeout(() => {
      this.#forget(client);
      // One stays open: by it others see that this process lives.
      if (this.#idle.size === 0) this.#keep(client);
      else this.#end(client, true);
    }, IDLE_LIMIT_MS);
    this.#idle.set(client, limit.unref());
  }

  #lost(client: pg.Client): void {
    if (!this.#idle.has(client)) return;
    this.#forget(client);
    // The pool of a caller has to know.
    this.#end(client, false);
    for (const listener of this.#lossListeners) listener();
  }

  #forget(client: pg.Client): void {
    clearTimeout(this.#idle.get(client));
    this.#idle.delete(client);
  }

  #end(client: pg.Client, usable: boolean): void {
    const onLost = this.#listening.get(client);
    // It may go on in another hand.
    if (onLost !== undefined)
      for (const event of ['error', 'end'] as const) client.off(event, onLost);
    const leaving = this.#source.end(client, usable).catch(() => undefined);
    this.#leaving.add(leaving);
    void leaving.finally(() => this.#leaving.delete(leaving));
  }

  async #farewell(): Promise<void> {
    for (const client of [...this.#idle.keys()]) {
      this.#forget(client);
      this.#end(client, true);
    }
    await Promise.allSettled(this.#running);
    await Promise.allSettled(this.#leaving);
  }
}
