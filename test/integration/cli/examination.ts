/** `relyt doctor --json` as tests run it: what it found, that it shows no secret, and that it leaves nothing. */

import { expect } from 'vitest';
import type { ExaminationReport } from '../../../src/doctor/examine.ts';
import type { StepResult } from '../../../src/doctor/step.ts';
import { listKeys, listUploads } from '../../support/bucket.ts';
import type { TestDatabase } from '../../support/database.ts';
import { expectNothingOpen, type TestTarget } from '../../support/loading.ts';
import { testStack } from '../../support/stack.ts';
import { type RelytResult, relyt } from './relyt.ts';

type Env = Readonly<Record<string, string>>;

/** In their order. */
export const STEPS = [
  'connection',
  'engine',
  'foreign code',
  'S3 settings',
  'schema',
  'rights',
  'table',
  'clocks',
  'bucket: write',
  'bucket: read',
  'bucket: list',
  'bucket: multipart',
  'bucket: delete',
  'access to S3',
  'probe load',
];

export async function examined(env: Env, ...args: string[]): Promise<ExaminationReport> {
  const result = await relyt(['doctor', '--json', ...args], { env });
  const report = JSON.parse(result.stdout) as ExaminationReport;
  expect(result).toMatchObject({ code: report.ok ? 0 : 1, stderr: '' });
  expect(report.steps.map(({ name }) => name)).toEqual(STEPS);
  expectNoSecret(result);
  return report;
}

export function expectNoSecret({ stdout, stderr }: RelytResult): void {
  const { secretKey, accessKey } = testStack().s3;
  for (const secret of [secretKey, accessKey, 'X-Amz-Signature'])
    expect(stdout + stderr).not.toContain(secret);
}

/** The names of the steps that ended so, in their order. */
export function stepsOf({ steps }: ExaminationReport, status: StepResult['status']): string[] {
  return steps.filter((step) => step.status === status).map(({ name }) => name);
}

export function step({ steps }: ExaminationReport, name: string): StepResult | undefined {
  return steps.find((result) => result.name === name);
}

/** Everything of relyt_sys and every table, as it was before. */
export async function traces(
  database: Pick<TestDatabase, 'query'>,
  prefix: string,
): Promise<unknown> {
  const tables = await database.query<{ name: string }>(
    `select n.nspname || '.' || c.relname as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where c.relkind in ('r', 'f') and n.nspname !~ '^pg_(catalog|toast)|information_schema' order by 1`,
  );
  const rows = await Promise.all(
    tables.map(({ name }) =>
      database.query(`select '${name}' as name, count(*)::int as n from ${name}`),
    ),
  );
  return { rows, keys: await listKeys(prefix), uploads: await listUploads(prefix) };
}

/** Runs the doctor, and checks that it left nothing. */
export async function traceless(
  target: TestTarget,
  env: Env,
  ...args: string[]
): Promise<ExaminationReport> {
  const before = await traces(target.database, target.prefix);
  const report = await examined(env, ...args);
  expect(await traces(target.database, target.prefix)).toEqual(before);
  await expectNothingOpen(target.database);
  return report;
}

/** A target whose schema relyt_sys is installed. */
export async function prepared(
  makeTarget: (columns: string) => Promise<TestTarget>,
): Promise<TestTarget> {
  const target = await makeTarget('id int primary key, v text');
  await target.load([]);
  return target;
}

/** A fault of the proxy: S3 denies the requests that fit. */
export function denied(fits: boolean) {
  return fits ? { status: 403 } : undefined;
}
