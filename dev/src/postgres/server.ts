/** The life of a PostgreSQL server that belongs to this process. */

import path from 'node:path';
import { type Credentials, openCluster, pgdataOf } from './cluster.ts';
import { findBinaries } from './find-binaries.ts';
import { freePort, isPortTaken } from './port.ts';
import type { PostgresBinaries } from './postgres-binaries.ts';
import { Postmaster, type PostmasterOptions, type StopMode } from './postmaster.ts';
import { awaitUnused } from './postmaster-pid.ts';
import { versionOf } from './program.ts';
import { ServerLog } from './server-log.ts';
import { serverUser } from './server-user.ts';
import { portTaken } from './start-failure.ts';

export interface PostgresOptions {
  /** Folder of the server's files: made when missing, reused when it holds a cluster. */
  readonly dataDir: string;
  /** 0 or undefined: a free one. */
  readonly port?: number | undefined;
  /** Those of the optional package by default, else the newest of the system. */
  readonly binaries?: PostgresBinaries | undefined;
  /** The loopback interface is the only one this server listens on. */
  readonly host?: '127.0.0.1' | undefined;
  /** Server settings, given as `-c name=value`. */
  readonly settings?: Readonly<Record<string, string>> | undefined;
  /** Name of the superuser, `postgres` by default. An existing cluster must have the same. */
  readonly superuser?: string | undefined;
  /** Its password; made up and kept in the folder by default. An existing cluster must have the same. */
  readonly password?: string | undefined;
  /** Gets every line of the server's log. */
  readonly onLog?: ((line: string) => void) | undefined;
  /** How long the server may take until it accepts connections; 60 000 by default. */
  readonly startTimeoutMs?: number | undefined;
}

/** A server that accepts connections, until it is stopped or this process ends. */
export interface RunningPostgres {
  /** Connection URL of the superuser, password included. */
  readonly url: string;
  readonly host: string;
  readonly port: number;
  /** Process id of the postmaster; another one after every restart. */
  readonly pid: number;
  /** Version of the server, such as `18.4`. */
  readonly version: string;
  readonly logFile: string;
  /** The last 200 lines of the log, at most 64 KiB. */
  log(): string;
  /** Shuts down, fast by default and immediately after 30 s. Repeated calls are harmless. */
  stop(options?: { readonly mode?: StopMode }): Promise<void>;
  /** Stops if it runs, and starts again: same port, same data, same settings. */
  restart(): Promise<void>;
  /** Kills the server and everything it started with SIGKILL, as if the power had failed. */
  kill(): Promise<void>;
}

// A free port can be lost to another process before the server has it.
const PORT_ATTEMPTS = 5;
const START_TIMEOUT_MS = 60_000;

/**
 * Starts a PostgreSQL server that belongs to this process and ends with it, even when this process
 * is killed.
 *
 * @throws RelytDevError DEV_SERVER_UNAVAILABLE; the message says what stood in the way.
 */
export async function startPostgres(options: PostgresOptions): Promise<RunningPostgres> {
  const dataDir = path.resolve(options.dataDir);
  const pgdata = pgdataOf(dataDir);
  const user = await serverUser(pgdata);
  const binaries = options.binaries ?? (await findBinaries({ user }));
  const version = await versionOf(binaries.postgres, user);
  const settings = options.settings ?? {};
  const credentials = await openCluster({
    dataDir,
    binaries,
    user,
    major: Number.parseInt(version, 10),
    superuser: options.superuser,
    password: options.password,
    durable: settings.fsync !== 'off',
  });
  const server = new DevPostgres(version, credentials, options.onLog, {
    program: binaries.postgres,
    pgdata,
    settings,
    user,
    host: options.host ?? '127.0.0.1',
    log: new ServerLog(path.join(dataDir, 'postgres.log')),
    startTimeoutMs: options.startTimeoutMs ?? START_TIMEOUT_MS,
  });
  await server.start(options.port ?? 0);
  return server;
}

type FixedOptions = Omit<PostmasterOptions, 'port'>;

class DevPostgres implements RunningPostgres {
  readonly version: string;
  readonly #credentials: Credentials;
  readonly #onLog: ((line: string) => void) | undefined;
  readonly #fixed: FixedOptions;
  #port = 0;
  #postmaster: Postmaster | undefined;

  constructor(
    version: string,
    credentials: Credentials,
    onLog: ((line: string) => void) | undefined,
    fixed: FixedOptions,
  ) {
    this.version = version;
    this.#credentials = credentials;
    this.#onLog = onLog;
    this.#fixed = fixed;
  }

  get url(): string {
    const user = encodeURIComponent(this.#credentials.superuser);
    const password = encodeURIComponent(this.#credentials.password);
    return `postgresql://${user}:${password}@${this.host}:${this.port}/postgres`;
  }

  get host(): string {
    return this.#fixed.host;
  }

  get port(): number {
    return this.#port;
  }

  get pid(): number {
    return this.#postmaster?.pid ?? 0;
  }

  get logFile(): string {
    return this.#fixed.log.path;
  }

  log(): string {
    return this.#fixed.log.tail();
  }

  /** @param port 0 for a free one. */
  async start(port: number): Promise<void> {
    await awaitUnused(this.#fixed.pgdata);
    const endFollowing =
      this.#onLog === undefined ? undefined : this.#fixed.log.follow(this.#onLog);
    try {
      this.#postmaster = port === 0 ? await this.#startAnywhere() : await this.#startOn(port);
    } catch (error) {
      endFollowing?.();
      throw error;
    }
    if (endFollowing !== undefined) void this.#postmaster.ended.then(endFollowing);
  }

  async stop(options: { readonly mode?: StopMode } = {}): Promise<void> {
    await this.#postmaster?.stop(options.mode ?? 'fast');
  }

  async restart(): Promise<void> {
    await this.stop();
    await this.start(this.#port);
  }

  async kill(): Promise<void> {
    await this.#postmaster?.kill();
  }

  async #startOn(port: number): Promise<Postmaster> {
    if (await isPortTaken(port)) throw portTaken(port);
    this.#port = port;
    return Postmaster.start({ ...this.#fixed, port });
  }

  async #startAnywhere(): Promise<Postmaster> {
    for (let attempt = 1; ; attempt++) {
      const port = await freePort();
      try {
        return await this.#startOn(port);
      } catch (error) {
        if (attempt === PORT_ATTEMPTS || !(await isPortTaken(port))) throw error;
      }
    }
  }
}
