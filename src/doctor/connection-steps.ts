import { Database } from '../database/database.ts';
import { databaseError } from '../database/database-error.ts';
import type { Statement } from '../database/statement.ts';
import { countSegments, detectEngine } from '../engines/detect.ts';
import { RelytError } from '../errors.ts';
import { known } from './findings.ts';
import type { Step } from './step.ts';

interface WhoAndWhere {
  readonly role: string;
  readonly database: string;
  readonly host: string | null;
  readonly port: number | null;
  readonly standby: boolean;
  readonly knows_tls: boolean;
}

/** Names of newer views are looked up, not used: Greenplum 6 has no pg_stat_ssl. */
const whoAndWhere = (): Statement => ({
  name: 'whoAndWhere',
  text: `select current_user::text as role, current_database()::text as database,
       host(inet_server_addr()) as host, inet_server_port() as port, pg_is_in_recovery() as standby,
       exists (select 1 from pg_catalog.pg_class where relname = 'pg_stat_ssl'
               and relnamespace = (select oid from pg_catalog.pg_namespace where nspname = 'pg_catalog')) as knows_tls`,
});

const tlsOfConnection = (): Statement => ({
  name: 'tlsOfConnection',
  text: 'select ssl, version from pg_catalog.pg_stat_ssl where pid = pg_backend_pid()',
});

/** Connects, and leaves the connection to the steps after it. `examine` closes it. */
export const CONNECTION: Step = {
  name: 'connection',
  asks: 'database',
  seconds: 20,
  async run({ config, findings }) {
    const { schema: _, table: __, ...connection } = config.postgresql;
    // One for the work, one to cancel it.
    const database = new Database(connection, {
      connections: 2,
      applicationName: 'relyt doctor',
      answerSeconds: 40,
    });
    try {
      const found = await look(database);
      findings.database = database;
      findings.role = found.role;
      return await connectedSentence(database, found, (encrypted) => {
        findings.encrypted = encrypted;
      });
    } finally {
      if (findings.database === undefined) await database.close();
    }
  },
};

async function look(database: Database): Promise<WhoAndWhere> {
  try {
    const [row] = await database.query<WhoAndWhere>(whoAndWhere());
    if (row === undefined)
      throw new RelytError('INTERNAL', 'The database did not report its version.');
    if (!row.standby) return row;
  } catch (error) {
    throw databaseError(error, 'ask the database who and where it is');
  }
  throw new RelytError('DATABASE_ERROR', 'The server is a standby, which takes no writes.', {
    hint: 'Connect to the primary server.',
  });
}

async function connectedSentence(
  database: Database,
  found: WhoAndWhere,
  onTls: (encrypted: boolean) => void,
): Promise<string> {
  const place = found.host === null ? 'a local socket' : `${found.host}:${found.port}`;
  const who = `${found.role} at ${place}, database ${found.database}`;
  if (!found.knows_tls) return who;
  const [tls] = await database.query<{ ssl: boolean; version: string | null }>(tlsOfConnection());
  onTls(tls?.ssl === true);
  return `${who}, ${tls?.ssl ? (tls.version ?? 'TLS') : 'no TLS'}`;
}

export const ENGINE: Step = {
  name: 'engine',
  asks: 'database',
  seconds: 20,
  async run({ config, findings }) {
    const { database } = known(findings, 'database');
    const profile = await detectEngine(database, config.engine);
    const segments = await countSegments(database, profile);
    findings.profile = profile;
    findings.segments = segments;
    const [row] = await database.query<{ version: string }>({
      name: 'version',
      text: 'select version() as version',
    });
    const version = row?.version.split(' on ')[0];
    const spread = profile.dialect.distributed ? `, ${segments} segments` : '';
    return `${profile.engine}, for ${version}${spread}`;
  },
};
