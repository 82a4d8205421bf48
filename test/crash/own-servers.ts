/** Servers of one test file alone, which it may take away and bring back. */

import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import {
  type RunningPostgres,
  type RunningS3Server,
  type StackS3,
  startPostgres,
  startS3Server,
} from 'relyt-dev';
import { TestDatabase } from '../support/database.ts';
import { TestTarget } from '../support/loading.ts';

const S3 = {
  accessKey: 'OWNSERVERKEY',
  secretKey: 'own-server-secret',
  region: 'us-east-1',
  bucket: 'own',
};

export class OwnServers implements AsyncDisposable {
  readonly database: TestDatabase;
  readonly #folder: string;
  readonly #postgres: RunningPostgres;
  #s3: RunningS3Server;
  #tables = 0;

  private constructor(folder: string, postgres: RunningPostgres, s3: RunningS3Server) {
    this.#folder = folder;
    this.#postgres = postgres;
    this.#s3 = s3;
    const { url, logFile } = postgres;
    this.database = new TestDatabase({ name: 'postgres-18', url, logFile }, 'postgres', {});
  }

  static async start(): Promise<OwnServers> {
    const folder = mkdtempSync(path.join(os.tmpdir(), 'relyt-own-'));
    // As root, PostgreSQL runs as another user, who has to get through here.
    chmodSync(folder, 0o711);
    // What a crash of the server must not lose is lost only with the machine.
    const postgres = await startPostgres({
      dataDir: path.join(folder, 'postgres'),
      settings: { fsync: 'off', max_connections: '200' },
    });
    return new OwnServers(folder, postgres, await startS3(folder, 0));
  }

  get s3(): StackS3 {
    return { ...S3, endpoint: this.#s3.endpoint };
  }

  readonly makeTarget = async (columns: string): Promise<TestTarget> => {
    const table = `t${++this.#tables}`;
    const target = new TestTarget(this.database, { schema: 'public', table, prefix: table });
    await this.database.query(`create table ${target.sql} (${columns})`);
    return target;
  };

  /** As if its machine had failed. */
  crashDatabase(): Promise<void> {
    return this.#postgres.stop({ mode: 'immediate' });
  }

  restartDatabase(): Promise<void> {
    return this.#postgres.restart();
  }

  /** Keeps the data directory as it is now, and lets go of the server for that long. */
  async saveDatabase(): Promise<void> {
    await this.#postgres.stop();
    this.#copy('postgres', 'saved');
    await this.#postgres.restart();
  }

  /** As an administrator would after a disaster: the data directory that was kept takes the place of the present one. */
  async restoreDatabase(): Promise<void> {
    await this.#postgres.stop({ mode: 'immediate' });
    this.#copy('saved', 'postgres');
    await this.#postgres.restart();
  }

  stopS3(): Promise<void> {
    return this.#s3.stop();
  }

  async restartS3(): Promise<void> {
    this.#s3 = await startS3(this.#folder, this.#s3.port);
  }

  #copy(from: string, to: string): void {
    rmSync(path.join(this.#folder, to), { recursive: true, force: true });
    // With the owners: as root, PostgreSQL runs as another user.
    execFileSync('cp', ['-a', path.join(this.#folder, from), path.join(this.#folder, to)]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.database.pool.end();
    await Promise.all([this.#postgres.stop(), this.#s3.stop()]);
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

function startS3(folder: string, port: number): Promise<RunningS3Server> {
  const { bucket, ...identity } = S3;
  return startS3Server({
    ...identity,
    dataDir: path.join(folder, 's3'),
    port,
    buckets: [bucket],
  });
}
