/** Databases and roles of a single test. */

import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { defaultServer, majorOf, type StackServer, type TestServer } from './stack.ts';
import { type Prepared, templateFor } from './templates.ts';

const POOL_END_LIMIT_MS = 5_000;

export interface TestDatabaseOptions {
  /** With the schema relyt_sys as the engine `postgres`, or any other, has it; without one by default. */
  readonly prepared?: Prepared | undefined;
  /** Connections the pool may open; 10 by default. */
  readonly poolSize?: number;
  /** Of the server for this database, with the locale C; that of the server by default. */
  readonly encoding?: string;
}

export interface TestRole {
  readonly name: string;
  readonly password: string;
  /** Connection URL of this role to its test database. */
  readonly url: string;
}

export interface RoleOptions {
  /** Writes every statement of this role, with its parameters, into the server's log. */
  readonly logStatements?: boolean;
}

/** A database that no other test knows, owned by the superuser. */
export class TestDatabase<Server extends TestServer = StackServer> implements AsyncDisposable {
  readonly name: string;
  readonly server: Server;
  /** Connection URL of the superuser. */
  readonly url: string;
  /** Connections of the superuser. */
  readonly pool: pg.Pool;
  readonly #roles: string[] = [];
  #dropped: Promise<void> | undefined;

  constructor(server: Server, name: string, options: TestDatabaseOptions) {
    this.server = server;
    this.name = name;
    this.url = databaseUrl(server.url, name);
    this.pool = new pg.Pool({ connectionString: this.url, max: options.poolSize ?? 10 });
    // Idle connections that a test kills must not end the test process; queries still fail.
    this.pool.on('error', () => undefined);
  }

  /** Runs one statement as the superuser and returns its rows. */
  async query<Row extends object = Record<string, unknown>>(
    text: string,
    values: readonly unknown[] = [],
  ): Promise<Row[]> {
    const result = await this.pool.query(text, [...values]);
    return result.rows as Row[];
  }

  /** Has a role dropped together with this database. */
  adoptRole(name: string): void {
    this.#roles.push(name);
  }

  /** Drops the database, whoever is still connected to it, and its roles. Repeated calls are harmless. */
  drop(): Promise<void> {
    this.#dropped ??= this.#drop();
    return this.#dropped;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.drop();
  }

  async #drop(): Promise<void> {
    // A connection that was never given back would keep the pool from ending.
    const expired = new AbortController();
    const limit = delay(POOL_END_LIMIT_MS, false, { signal: expired.signal }).catch(() => false);
    const ended = await Promise.race([this.pool.end().then(() => true), limit]);
    expired.abort();
    await administer(this.server, [
      ...(majorOf(this.server) >= 13
        ? [`DROP DATABASE IF EXISTS ${pg.escapeIdentifier(this.name)} WITH (FORCE)`]
        : [endConnections(this.name), `DROP DATABASE IF EXISTS ${pg.escapeIdentifier(this.name)}`]),
      ...this.#roles.map((name) => `DROP ROLE IF EXISTS ${pg.escapeIdentifier(name)}`),
    ]);
    if (!ended) throw new Error('the test did not release every client it took from `pool`');
  }
}

/** Creates an empty database with a name of its own; PostgreSQL 18 unless `server` says otherwise. */
export function createTestDatabase(): Promise<TestDatabase>;
export function createTestDatabase<Server extends TestServer>(
  server: Server,
  options?: TestDatabaseOptions,
): Promise<TestDatabase<Server>>;
export async function createTestDatabase(
  server: TestServer = defaultServer(),
  options: TestDatabaseOptions = {},
): Promise<TestDatabase<TestServer>> {
  const name = uniqueName('relyt_test');
  // No session is connected to a template, so databases can be made side by side.
  const encoding =
    options.encoding === undefined
      ? ''
      : ` ENCODING ${pg.escapeLiteral(options.encoding)} LC_COLLATE 'C' LC_CTYPE 'C'`;
  const template =
    options.prepared === undefined || server.isCluster === true
      ? 'template0'
      : templateFor(options.prepared, majorOf(server));
  // To copy the files takes less than half of the CPU of logging their pages. Before PostgreSQL 15 there is no other way.
  const strategy = majorOf(server) >= 15 ? ' STRATEGY file_copy' : '';
  await administer(server, [
    `CREATE DATABASE ${pg.escapeIdentifier(name)} TEMPLATE ${template}${encoding}${strategy}`,
  ]);
  return new TestDatabase(server, name, options);
}

/**
 * Creates a role that may log in and nothing else. Roles belong to the whole server, so `prefix`
 * only begins its name. It is dropped with the database.
 */
export async function createRole(
  database: TestDatabase<TestServer>,
  prefix: string,
  options: RoleOptions = {},
): Promise<TestRole> {
  const name = uniqueName(prefix);
  const password = randomBytes(12).toString('hex');
  const role = pg.escapeIdentifier(name);
  database.adoptRole(name);
  await database.query(`CREATE ROLE ${role} LOGIN PASSWORD ${pg.escapeLiteral(password)}`);
  if (options.logStatements === true) {
    await database.query(`ALTER ROLE ${role} SET log_statement = 'all'`);
    await database.query(`ALTER ROLE ${role} SET log_min_duration_statement = 0`);
  }
  const url = new URL(database.url);
  url.username = name;
  url.password = password;
  return { name, password, url: url.href };
}

/** Before PostgreSQL 13 a database can be dropped only when nobody is connected. */
function endConnections(database: string): string {
  return `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = ${pg.escapeLiteral(database)}`;
}

async function administer(server: TestServer, statements: readonly string[]): Promise<void> {
  const client = new pg.Client({ connectionString: server.url });
  await client.connect();
  try {
    for (const statement of statements) await client.query(statement);
  } finally {
    await client.end();
  }
}

function databaseUrl(serverUrl: string, name: string): string {
  const url = new URL(serverUrl);
  url.pathname = `/${encodeURIComponent(name)}`;
  return url.href;
}

function uniqueName(prefix: string): string {
  return `${prefix}_${process.pid}_${randomBytes(5).toString('hex')}`;
}
