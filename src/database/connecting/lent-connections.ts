import type pg from 'pg';
import type { Connection } from '../../config/access-schema.ts';
import type { ClientPool } from '../../config/connection-config.ts';
import { RelytError } from '../../errors.ts';
import { connectionError } from '../connection-error.ts';
import type { ConnectionSource } from './connection-source.ts';

/** A client that goes back to the pool it came from. */
interface Lent {
  release?(destroy: boolean): void;
}

const ignore = () => {};

/** Connections of the caller: out of a pool, or made by a function. */
class LentConnections implements ConnectionSource {
  readonly #lend: () => Promise<unknown>;

  constructor(lend: () => Promise<unknown>) {
    this.#lend = lend;
  }

  async open(): Promise<pg.Client> {
    const client = asClient(await this.#connected());
    // One that breaks between two statements would end the process.
    client.on('error', ignore);
    return client;
  }

  async end(client: pg.Client, usable: boolean): Promise<void> {
    const lent = client as pg.Client & Lent;
    if (lent.release === undefined) return client.end();
    client.off('error', ignore);
    lent.release(!usable);
  }

  /** What the caller has lent, the caller ends. */
  destroy(): void {}

  async #connected(): Promise<unknown> {
    try {
      return await this.#lend();
    } catch (error) {
      throw error instanceof RelytError ? error : connectionError(error, 'what the caller gave');
    }
  }
}

/**
 * The way to the caller's connections; undefined where the settings say how to make them.
 * @param connections as many are used at a time
 * @throws RelytError CONFIG_INVALID for a pool in which a load would wait for itself
 */
export function lentBy({ pool, connect }: Connection, connections: number) {
  if (connect !== undefined) return new LentConnections(async () => connect());
  if (pool === undefined) return undefined;
  checkSize(pool, connections);
  return new LentConnections(() => pool.connect());
}

function checkSize({ options }: ClientPool, connections: number): void {
  const max = options?.max;
  if (max === undefined || max >= connections) return;
  throw new RelytError(
    'CONFIG_INVALID',
    `The configuration is not valid: postgresql.pool has at most ${max} connections, and ${connections} are used at a time.`,
    { hint: `Give the pool \`max: ${connections}\` or more, or lower \`concurrency\`.` },
  );
}

/** The protocol is spoken directly, which libpq (pg.native) does not let us do. */
function asClient(given: unknown): pg.Client {
  const client = given as Partial<pg.Client> & { readonly connection?: unknown };
  const fits = typeof client?.query === 'function' && typeof client.connection === 'object';
  if (fits && typeof client.getTypeParser === 'function') return given as pg.Client;
  throw new RelytError(
    'CONFIG_INVALID',
    'The configuration is not valid: what postgresql.pool or postgresql.connect gave is not a connected client of node-postgres.',
    { hint: 'Give a pg.Pool, or a function that returns a connected pg.Client; not pg.native.' },
  );
}
