/** The extension aws_s3 of Amazon RDS and Aurora, for the PostgreSQL servers of the tests. */

import { readFileSync } from 'node:fs';
import pg from 'pg';
import type { TestDatabase, TestRole } from './database.ts';

export interface AwsKeys {
  readonly accessKey: string;
  readonly secretKey: string;
  readonly sessionToken?: string;
}

export interface AwsS3Emulation {
  /** The S3 server that stands for Amazon's. */
  readonly endpoint: string;
  /** Keys of the IAM role attached to the instance; none is attached when left out. */
  readonly instanceRole?: AwsKeys | undefined;
}

/** Installs the extension into a database of the tests; only the superuser may use it until `grantAwsS3`. */
export async function installAwsS3Emulation(
  database: Pick<TestDatabase, 'query'>,
  { endpoint, instanceRole: role }: AwsS3Emulation,
): Promise<void> {
  await database.query(readFileSync(new URL('aws-s3-emulation.sql', import.meta.url), 'utf8'));
  await database.query(
    `insert into aws_s3.emulated_instance
     values ($1, case when $2::text is not null then row($2, $3, $4)::aws_commons._aws_credentials_1 end)`,
    [endpoint, role?.accessKey ?? null, role?.secretKey ?? null, role?.sessionToken ?? null],
  );
}

/** What docs/guide/engine-aws-s3.md has the administrator grant. */
export async function grantAwsS3(
  database: Pick<TestDatabase, 'query'>,
  role: string,
): Promise<void> {
  const grantee = pg.escapeIdentifier(role);
  await database.query(`grant usage on schema aws_s3, aws_commons to ${grantee}`);
  await database.query(
    `grant execute on all functions in schema aws_s3, aws_commons to ${grantee}`,
  );
}

/** Has the server log the plans and all parameters of this role's statements, beside what `logStatements` logs. */
export async function explainEverything(
  database: Pick<TestDatabase, 'query'>,
  role: TestRole,
): Promise<void> {
  const settings = [
    "session_preload_libraries = 'auto_explain'",
    'auto_explain.log_min_duration = 0',
    'auto_explain.log_verbose = on',
    'log_parameter_max_length_on_error = -1',
  ];
  for (const setting of settings)
    await database.query(`alter role ${pg.escapeIdentifier(role.name)} set ${setting}`);
}
