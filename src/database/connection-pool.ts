import net from 'node:net';
import pg from 'pg';
import type { Connection } from '../access-config.ts';
import { keepSecret } from '../core/redaction.ts';
import { isPlainSqlError, withinLimit } from './client-session.ts';
import { connectionError } from './connection-error.ts';
import { passwordOf } from './password.ts';

/** What the farewell of all connections may take. */
const CLOSE_LIMIT_MS = 5_000;
/** After so long without a word the system begins to ask whether the server's machine is still there. */
const KEEP_ALIVE_AFTER_MS = 10_000;

const INT8 = 20;
const TEXT_TYPES = new Set([1082, 1114, 1184]); // date and timestamps: never through a JavaScript Date

/** Bookkeeping values only: int8 as number (counts and ordinals stay below 2^53), times as the text the statement asked for. */
function parserOf(oid: number, format?: 'text' | 'binary'): (value: string) => unknown {
  if (oid === INT8) return Number;
  if (TEXT_TYPES.has(oid)) return String;
  return pg.types.getTypeParser(oid, format ?? 'text') as (value: string) => unknown;
}

/** Connections that are shared, and thrown away once something happened on them. */
export class ConnectionPool {
  readonly #target: pg.PoolConfig;
  readonly #pool: pg.Pool;
  readonly #sockets = new Set<net.Socket>();

  constructor(
    connection: Connection,
    options: { readonly connections: number; readonly applicationName: string },
  ) {
    keepSecret(passwordOf(connection));
    this.#target = poolTarget(connection);
    this.#pool = new pg.Pool({
      ...this.#target,
      max: options.connections,
      // One stays open: by it others see that this process lives.
      min: 1,
      application_name: options.applicationName,
      connectionTimeoutMillis: 15_000,
      idleTimeoutMillis: 60_000,
      stream: () => this.#newSocket(),
      keepAlive: true,
      keepAliveInitialDelayMillis: KEEP_ALIVE_AFTER_MS,
      types: { getTypeParser: parserOf as typeof pg.types.getTypeParser },
    });
    // An idle connection that breaks is replaced at its next use; without a listener it would end the process.
    this.#pool.on('error', () => {});
    // So would one that breaks while it is taken, or thrown away: whoever waits for its answer is told anyway.
    this.#pool.on('connect', (client) => client.on('error', () => {}));
  }

  /** A connection on which anything but a plain SQL error happened is thrown away, not reused. */
  async withClient<T>(work: (client: pg.PoolClient) => Promise<T>): Promise<T> {
    const client = await this.#connect();
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
      client.release(broken);
    }
  }

  whenConnectionLost(listener: () => void): void {
    this.#pool.on('error', () => listener());
  }

  /** Says goodbye to the server; one that does not answer is left without. */
  async close(): Promise<void> {
    await withinLimit(this.#pool.end(), CLOSE_LIMIT_MS);
    for (const socket of this.#sockets) socket.destroy();
  }

  async #connect(): Promise<pg.PoolClient> {
    try {
      return await this.#pool.connect();
    } catch (error) {
      throw connectionError(error, this.#target);
    }
  }

  #newSocket(): net.Socket {
    const socket = new net.Socket();
    this.#sockets.add(socket);
    socket.once('close', () => this.#sockets.delete(socket));
    return socket;
  }
}

/** What is not given is left out: node-postgres then takes it from PG* variables or its defaults. */
function poolTarget(connection: Connection): pg.PoolConfig {
  const { username, ...rest } = connection;
  const target = { ...rest, user: username };
  return Object.fromEntries(Object.entries(target).filter(([, value]) => value !== undefined));
}
