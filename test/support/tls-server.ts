/** A PostgreSQL server with TLS, and the certificates it and its clients need, all made for one test file. */

import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  chmodSync,
  chownSync,
  copyFileSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import pg from 'pg';
import { type RunningPostgres, startPostgres } from 'relyt-dev';

/** Who may come in how; the rules of initdb follow. */
const RULES = `
hostssl   all only_tls   all scram-sha-256
hostnossl all only_plain all scram-sha-256
hostssl   all by_cert    all cert
host      all only_tls,only_plain,by_cert all reject
`;

const ROLE_PASSWORD = 'tls-server-role-password';

export class TlsServer implements AsyncDisposable {
  readonly #folder: string;
  readonly #postgres: RunningPostgres;

  private constructor(folder: string, postgres: RunningPostgres) {
    this.#folder = folder;
    this.#postgres = postgres;
  }

  /** The certificate of the server is made out to `localhost`, not to 127.0.0.1. */
  static async start(): Promise<TlsServer> {
    const folder = mkdtempSync(path.join(os.tmpdir(), 'relyt-tls-'));
    // As root, PostgreSQL runs as another user, who has to get through here.
    chmodSync(folder, 0o711);
    makeCertificates(folder);
    const dataDir = path.join(folder, 'postgres');
    const postgres = await startPostgres({ dataDir, settings: { fsync: 'off' } });
    const server = new TlsServer(folder, postgres);
    try {
      await server.#prepare(path.join(dataDir, 'cluster', 'data'));
    } catch (error) {
      await server[Symbol.asyncDispose]();
      throw error;
    }
    return server;
  }

  get port(): number {
    return this.#postgres.port;
  }

  /** A certificate, key or list that `makeCertificates` made. */
  file(name: string): string {
    return path.join(this.#folder, name);
  }

  /** A connection string in URL form for the superuser or a role. */
  url(options: { role?: string; host?: string; query?: string } = {}): string {
    const url = new URL(this.#postgres.url);
    if (options.role !== undefined) {
      url.username = options.role;
      url.password = ROLE_PASSWORD;
    }
    url.hostname = options.host ?? 'localhost';
    url.search = options.query ?? '';
    return url.href;
  }

  /** As a standby without a primary: it takes reads only. */
  async makeStandby(): Promise<void> {
    await this.#postgres.stop();
    const pgdata = this.file('postgres/cluster/data');
    writeFileSync(path.join(pgdata, 'standby.signal'), '');
    own(path.join(pgdata, 'standby.signal'), pgdata);
    await this.#postgres.restart();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#postgres.stop();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  async #prepare(pgdata: string): Promise<void> {
    for (const name of ['server.crt', 'server.key', 'ca.crt']) {
      const place = path.join(pgdata, name);
      copyFileSync(this.file(name), place);
      own(place, pgdata);
      chmodSync(place, 0o600);
    }
    const rules = path.join(pgdata, 'pg_hba.conf');
    writeFileSync(rules, RULES + readFileSync(rules, 'utf8'));
    appendFileSync(path.join(pgdata, 'postgresql.conf'), "ssl = on\nssl_ca_file = 'ca.crt'\n");
    const client = new pg.Client({ connectionString: this.#postgres.url });
    await client.connect();
    try {
      for (const role of ['only_tls', 'only_plain', 'by_cert', 'anyone'])
        await client.query(`create role ${role} login password '${ROLE_PASSWORD}'`);
    } finally {
      await client.end();
    }
    await this.#postgres.restart();
  }
}

function own(file: string, like: string): void {
  const { uid, gid } = statSync(like);
  chownSync(file, uid, gid);
}

/** ca and other (authorities), server, client, revoked.crl (the server revoked) and empty.crl. */
function makeCertificates(folder: string): void {
  const openssl = (...args: string[]) =>
    execFileSync('openssl', args, { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });
  writeFileSync(path.join(folder, 'san.cnf'), 'subjectAltName=DNS:localhost\n');
  writeFileSync(path.join(folder, 'index.txt'), '');
  writeFileSync(
    path.join(folder, 'ca.cnf'),
    '[ca]\ndefault_ca=d\n[d]\ndatabase=index.txt\ndefault_md=sha256\ndefault_crl_days=2\ncertificate=ca.crt\nprivate_key=ca.key\n',
  );
  const key = ['-newkey', 'rsa:2048', '-nodes'];
  for (const name of ['ca', 'other']) {
    openssl(
      'req',
      '-x509',
      ...key,
      '-keyout',
      `${name}.key`,
      '-out',
      `${name}.crt`,
      '-subj',
      `/CN=${name}`,
      '-days',
      '2',
    );
  }
  const signed = (name: string, subject: string) => {
    openssl('req', ...key, '-keyout', `${name}.key`, '-out', `${name}.csr`, '-subj', subject);
    openssl(
      ...['x509', '-req', '-in', `${name}.csr`, '-CA', 'ca.crt', '-CAkey', 'ca.key'],
      ...['-CAcreateserial', '-out', `${name}.crt`, '-days', '2', '-extfile', 'san.cnf'],
    );
  };
  signed('server', '/CN=localhost');
  signed('client', '/CN=by_cert');
  openssl('ca', '-config', 'ca.cnf', '-gencrl', '-out', 'empty.crl');
  openssl('ca', '-config', 'ca.cnf', '-revoke', 'server.crt');
  openssl('ca', '-config', 'ca.cnf', '-gencrl', '-out', 'revoked.crl');
  openssl('rsa', '-aes256', '-passout', 'pass:key-pass', '-in', 'client.key', '-out', 'locked.key');
  for (const name of ['client.key', 'locked.key']) chmodSync(path.join(folder, name), 0o600);
}
