import type pg from 'pg';
import type { Connection } from '../config/access-schema.ts';
import type { ClientPool } from '../config/connection-config.ts';
import { RelytError } from '../errors.ts';
import { OwnConnections } from './connecting/own-connections.ts';
import { Turns } from './turns.ts';

/** One that goes back, to the pool and to whatever waits for it. */
type SharedClient = pg.Client & { release(destroy: boolean): void };

/** A pool for several operations one after the other or side by side, each of which takes and gives back what it needs. */
export class SharedConnections implements ClientPool {
  readonly options: { readonly max: number };
  readonly #source: OwnConnections;
  readonly #idle = new Set<SharedClient>();
  readonly #turns: Turns;
  #isClosed = false;

  /** @throws RelytError CONFIG_INVALID */
  constructor(connection: Connection, max: number) {
    this.#source = new OwnConnections(connection, 'relyt');
    this.options = { max };
    this.#turns = new Turns(max);
  }

  /** @throws RelytError DATABASE_…, CLOSED */
  async connect(): Promise<SharedClient> {
    await this.#turns.take();
    try {
      if (this.#isClosed) throw new RelytError('CLOSED', 'The connections were closed.');
      const [client] = this.#idle;
      if (client === undefined) return await this.#opened();
      this.#idle.delete(client);
      return client;
    } catch (error) {
      this.#turns.give();
      throw error;
    }
  }

  /** Ends those that are idle; those in use end when they come back, and what waits for one fails then. */
  async close(): Promise<void> {
    this.#isClosed = true;
    const idle = [...this.#idle];
    this.#idle.clear();
    await Promise.allSettled(idle.map((client) => this.#source.end(client)));
  }

  async #opened(): Promise<SharedClient> {
    const client = await this.#source.open();
    const shared: SharedClient = Object.assign(client, {
      release: (destroy: boolean) => this.#takeBack(shared, destroy),
    });
    for (const event of ['error', 'end'] as const)
      client.on(event, () => this.#idle.delete(shared));
    return shared;
  }

  #takeBack(client: SharedClient, destroy: boolean): void {
    if (destroy || this.#isClosed) this.#source.end(client).catch(() => undefined);
    else this.#idle.add(client);
    this.#turns.give();
  }
}
