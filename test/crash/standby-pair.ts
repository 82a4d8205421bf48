/** A primary with an asynchronous standby, which can be made to lose what was committed last. */

import { execFileSync } from 'node:child_process';
import { chmodSync, chownSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import pg from 'pg';
import { type RunningPostgres, startPostgres } from 'relyt-dev';
import { vi } from 'vitest';
import { TestDatabase } from '../support/database.ts';
import { TestTarget } from '../support/loading.ts';
import { TcpProxy } from '../support/tcp-proxy.ts';

const SETTINGS = { fsync: 'off', max_connections: '100' };

export class StandbyPair implements AsyncDisposable {
  /** Both servers, whichever takes writes. */
  readonly url: string;
  readonly #folder: string;
  readonly #primary: RunningPostgres;
  readonly #standby: RunningPostgres;
  /** Between the two: what it keeps back is lost with the primary. */
  readonly #stream: TcpProxy;
  #database: TestDatabase;

  private constructor(
    folder: string,
    servers: { readonly primary: RunningPostgres; readonly standby: RunningPostgres },
    stream: TcpProxy,
  ) {
    this.#folder = folder;
    this.#primary = servers.primary;
    this.#standby = servers.standby;
    this.#stream = stream;
    this.#database = databaseOf(servers.primary);
    const url = new URL(servers.primary.url);
    const hosts = `${url.hostname}:${url.port},${servers.standby.host}:${servers.standby.port}`;
    this.url = `postgresql://${url.username}:${url.password}@${hosts}/postgres?target_session_attrs=read-write`;
  }

  static async start(): Promise<StandbyPair> {
    const folder = mkdtempSync(path.join(os.tmpdir(), 'relyt-standby-'));
    // As root, PostgreSQL runs as another user, who has to get through here.
    chmodSync(folder, 0o711);
    const primary = await startPostgres({
      dataDir: path.join(folder, 'primary'),
      settings: SETTINGS,
    });
    const stream = await TcpProxy.start(primary.url);
    const { username, password, port } = new URL(stream.url);
    await copyWhileRunning(primary, path.join(folder, 'primary'), path.join(folder, 'standby'));
    const standby = await startPostgres({
      dataDir: path.join(folder, 'standby'),
      settings: {
        ...SETTINGS,
        primary_conninfo: `host=127.0.0.1 port=${port} user=${username} password=${password}`,
      },
    });
    return new StandbyPair(folder, { primary, standby }, stream);
  }

  async makeTarget(columns: string): Promise<TestTarget> {
    await this.#database.query(`create table public.t (${columns})`);
    return this.target();
  }

  /** The table, as the server has it that takes writes now. */
  target(): TestTarget {
    return new TestTarget(this.#database, { schema: 'public', table: 't', prefix: 'standby' });
  }

  /** The standby has everything so far, and gets nothing more. */
  async cutOff(): Promise<void> {
    const behind = `select pg_wal_lsn_diff(pg_current_wal_lsn(), replay_lsn) as bytes from pg_stat_replication`;
    await vi.waitFor(
      async () => {
        const [row] = await this.#database.query<{ bytes: string | null }>(behind);
        if (row?.bytes !== '0') throw new Error(`the standby is ${row?.bytes} bytes behind`);
      },
      { timeout: 60_000, interval: 20 },
    );
    this.#stream.silence();
  }

  /** The primary is gone, and the standby takes its place with what it has. */
  async failOver(): Promise<void> {
    await this.#primary.stop({ mode: 'immediate' });
    this.#stream.cutAll();
    const standby = databaseOf(this.#standby);
    await standby.query('select pg_promote()');
    await this.#database.pool.end();
    this.#database = standby;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#database.pool.end();
    await Promise.all([this.#primary.stop(), this.#standby.stop({ mode: 'immediate' })]);
    await this.#stream[Symbol.asyncDispose]();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

function databaseOf({ url, logFile }: RunningPostgres): TestDatabase {
  return new TestDatabase({ name: 'postgres-18', url, logFile }, 'postgres', {});
}

/** A base backup, with the label that says from where to replay. */
async function copyWhileRunning(server: RunningPostgres, from: string, to: string): Promise<void> {
  const client = new pg.Client({ connectionString: server.url });
  await client.connect();
  try {
    await client.query(`select pg_backup_start('standby', true)`);
    // With the owners: as root, PostgreSQL runs as another user.
    execFileSync('cp', ['-a', from, to]);
    const { rows } = await client.query('select labelfile from pg_backup_stop(false)');
    const data = path.join(to, 'cluster', 'data');
    rmSync(path.join(data, 'postmaster.pid'));
    const { uid, gid } = statSync(data);
    const label = String(rows[0].labelfile);
    for (const [name, text] of Object.entries({ backup_label: label, 'standby.signal': '' })) {
      writeFileSync(path.join(data, name), text);
      chownSync(path.join(data, name), uid, gid);
    }
  } finally {
    await client.end();
  }
}
