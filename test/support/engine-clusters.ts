/** Clusters that read S3 themselves: no test run can start one, so the environment names them. */

import pg from 'pg';
import type { StackS3 } from 'relyt-dev';
import type { BulkProcessorConfig } from '../../src/config/load-config.ts';
import type { TestDatabase } from './database.ts';
import type { TestServer } from './stack.ts';

export interface EngineCluster {
  readonly name: 'greenplum' | 'relyt';
  /** Undefined when the environment does not say enough. */
  readonly server: TestServer | undefined;
  /** The bucket that its segments read. */
  readonly s3: StackS3;
  readonly prefix: string;
  /** Environment variables that would be needed. */
  readonly missing: readonly string[];
  readonly greenplum: NonNullable<BulkProcessorConfig['greenplum']>;
  prepare(database: TestDatabase<TestServer>): Promise<void>;
  allow(database: TestDatabase<TestServer>, role: string): Promise<void>;
}

/** What the administrator of docs/guide/engine-greenplum.md does in a new database. */
const CREATE_PROTOCOL = [
  `create function read_from_s3() returns integer as '$libdir/gps3ext.so', 's3_import' language c stable`,
  'create trusted protocol s3 (readfunc = read_from_s3)',
];

/** The first one says that there is a cluster at all. */
const NEEDED = ['URL', 'S3_ENDPOINT', 'S3_BUCKET', 'S3_ACCESS_KEY', 'S3_SECRET_KEY'];

type Administration = Pick<EngineCluster, 'prepare' | 'allow'>;

function clusterOf(name: EngineCluster['name'], administration: Administration): EngineCluster {
  const variable = (setting: string) => `RELYT_TEST_${name.toUpperCase()}_${setting}`;
  const given = (setting: string) => process.env[variable(setting)] ?? '';
  const needed = given('URL') === '' ? NEEDED.slice(0, 1) : NEEDED;
  const missing = needed.filter((setting) => given(setting) === '').map(variable);
  const config = given('S3_CONFIG');
  const section = given('S3_SECTION');
  return {
    name,
    missing,
    server: missing.length > 0 ? undefined : { name, url: given('URL'), isCluster: true },
    s3: {
      endpoint: given('S3_ENDPOINT'),
      bucket: given('S3_BUCKET'),
      region: given('S3_REGION') || 'us-east-1',
      accessKey: given('S3_ACCESS_KEY'),
      secretKey: given('S3_SECRET_KEY'),
    },
    prefix: given('S3_PREFIX'),
    greenplum: {
      ...(config === '' ? {} : { config }),
      ...(section === '' ? {} : { section }),
    },
    ...administration,
  };
}

export const ENGINE_CLUSTERS: readonly EngineCluster[] = [
  clusterOf('greenplum', {
    async prepare(database) {
      for (const statement of CREATE_PROTOCOL) await database.query(statement);
    },
    async allow(database, role) {
      await database.query(`grant select on protocol s3 to ${pg.escapeIdentifier(role)}`);
    },
  }),
  clusterOf('relyt', {
    async prepare() {},
    async allow(database, role) {
      await database.query(`grant create on schema public to ${pg.escapeIdentifier(role)}`);
    },
  }),
];
