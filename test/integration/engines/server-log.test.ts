// G7: a server that logs every statement, parameter and context writes no secret down, whatever an import fails with.

import { DeleteObjectCommand, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import pg from 'pg';
import { describe, expect, test } from 'vitest';
import { testS3Client } from '../../support/bucket.ts';
import type { TestRole } from '../../support/database.ts';
import { enginesUnderTest } from '../../support/engines-under-test.ts';
import { createLoaderRole, failureOf, type TestTarget, targetsOn } from '../../support/loading.ts';
import { type StackServer, testStack, watchLog } from '../../support/stack.ts';

const COLUMNS = 'id int primary key, small smallint check (small <> 13), host inet';
const good = (id: number) => ({ id, small: 1, host: '10.0.0.1' });

/** What a server can be told to log of its own work: trees and plans of statements, those in functions too, waits. */
const DEBUG: readonly (readonly [setting: string, value: string])[] = [
  ['debug_print_parse', 'on'],
  ['debug_print_rewritten', 'on'],
  ['debug_print_plan', 'on'],
  ['log_lock_waits', 'on'],
  ['deadlock_timeout', '50ms'],
  ['session_preload_libraries', 'auto_explain'],
  ['auto_explain.log_min_duration', '0'],
  ['auto_explain.log_nested_statements', 'on'],
  ['auto_explain.log_verbose', 'on'],
];

/** A role whose statements are logged with their parameters, and whose failures with all the server knows. */
async function loggedRole(target: TestTarget, debug: boolean): Promise<TestRole> {
  const role = await createLoaderRole(target, { logStatements: true });
  const name = pg.escapeIdentifier(role.name);
  await target.way.allow?.(target.database, role.name);
  for (const statement of [
    `grant select, insert, update on ${target.sql} to ${name}`,
    `alter role ${name} set log_error_verbosity = 'verbose'`,
    `alter role ${name} set log_parameter_max_length_on_error = -1`,
    `alter role ${name} set log_min_messages = 'debug1'`,
    ...(debug ? DEBUG : []).map(([set, value]) => `alter role ${name} set ${set} = '${value}'`),
  ])
    await target.database.query(statement);
  return role;
}

type Change = (s3: S3Client, object: { Bucket: string; Key: string }) => Promise<unknown>;

interface Failing {
  readonly records: readonly object[];
  /** What happens to the staged file before it is imported. */
  readonly change?: Change;
  readonly onConflict?: 'error';
  /** The lock that the import waits for until its time is over; default none. */
  readonly held?: 'target' | 'pg_catalog.pg_foreign_table';
}

const overwrite =
  (Body: string): Change =>
  (s3, object) =>
    s3.send(new PutObjectCommand({ ...object, Body }));

const FAILING: Readonly<Record<string, Failing>> = {
  'a value that the type refuses': { records: [good(1), { ...good(2), host: 'nowhere' }] },
  'a value that a constraint refuses': { records: [good(1), { ...good(2), small: 13 }] },
  'a key that stands twice': { records: [good(1), good(1)], onConflict: 'error' },
  'a lock that is not released': { records: [good(1)], held: 'target' },
  'a file that is gone': {
    records: [good(1)],
    change: (s3, object) => s3.send(new DeleteObjectCommand(object)),
  },
  'a file that is shorter': {
    records: [good(1), good(2)],
    change: overwrite('1,1,1,10.0.0.1\n'),
  },
  'a file that is no CSV': { records: [good(1)], change: overwrite('1,1,"never closed\n') },
  'a file with other fields': { records: [good(1)], change: overwrite('1,1\n') },
};

/** Fails to import these records; returns what the caller was told. */
async function fail(target: TestTarget, url: string, failing: Failing) {
  const { records, change, onConflict = 'update', held } = failing;
  const lock = await target.lock();
  const s3 = testS3Client(target.way.s3);
  await using processor = await target.open({ url, onConflict, s3: { importTimeoutSeconds: 2 } });
  try {
    await processor.insert(records);
    const flushed = failureOf(processor.flush());
    await target.untilImportWaits();
    const [file] = await target.files(processor.processId);
    await change?.(s3, { Bucket: target.way.s3.bucket, Key: file?.s3_key ?? '' });
    const catalogue =
      held !== undefined && held !== 'target' ? await lockOf(target, held) : undefined;
    if (held !== 'target') await lock.release();
    const failure = await flushed.finally(() => catalogue?.release());
    await failureOf(processor.shutdown());
    return { failure, processId: processor.processId };
  } finally {
    await lock.release();
    s3.destroy();
  }
}

/** Nobody makes or drops a foreign table until it is released. */
async function lockOf(target: TestTarget, catalogue: string) {
  const client = await target.database.pool.connect();
  await client.query('begin');
  await client.query(`lock table ${catalogue} in access exclusive mode`);
  const release = async () => {
    await client.query('rollback');
    client.release();
  };
  return { release };
}

const engines = enginesUnderTest().flatMap((engine) =>
  engine.servers
    .filter((server): server is StackServer => 'logFile' in server)
    .map((server) => ({ engine, server, name: engine.name, on: server.name })),
);

describe.each(engines)('the log of $on, with the engine $name (G7)', ({ engine, server }) => {
  const makeTarget = targetsOn(server, engine);

  const ofEngine: Readonly<Record<string, Failing>> =
    engine.name === 'postgres'
      ? {
          ...FAILING,
          'a lock of the catalogue': { records: [good(1)], held: 'pg_catalog.pg_foreign_table' },
        }
      : FAILING;
  const cases = Object.entries(ofEngine).filter(
    ([, { change }]) => change === undefined || !engine.inMemory,
  );

  test.each(cases)('after an import that fails by %s', async (_, failing) => {
    const target = await makeTarget(COLUMNS);
    // What stands in for aws_s3 is PL/pgSQL with the URL in its statements; the real one is not.
    const role = await loggedRole(target, engine.name !== 'aws-s3');
    const logged = watchLog(server);
    const { failure, processId } = await fail(target, role.url, failing);
    const log = logged();
    // It does log everything.
    expect(log.includes('insert into relyt_sys.relyt_loader_task')).toBe(true);
    expect(log.includes(processId)).toBe(true);
    if (engine.name !== 'aws-s3') {
      expect(log).toContain('parse tree');
      expect(log).toContain('Query Text: ');
    }
    if (failing.held !== undefined) expect(failure.code).toBe('IMPORT_TIMEOUT');
    if (engine.name !== 'aws-s3' && failing.held !== undefined)
      expect(log).toMatch(/still waiting for \w+ on/);
    const secrets = [
      testStack().s3.secretKey,
      role.password,
      'X-Amz-Signature',
      'X-Amz-Credential',
    ];
    const lines = [...log.split('\n'), `${failure.message} ${failure.stack}`];
    const leaks = lines.filter((line) => secrets.some((secret) => line.includes(secret)));
    expect(leaks).toEqual([]);
    expect(failure.message).not.toContain('curl ');
  });
});
