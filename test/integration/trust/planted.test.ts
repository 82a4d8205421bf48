// G7: whatever others can create under a name our SQL uses, no command ever calls it, whoever runs the command: not in
// a schema that comes before pg_catalog, and not in one that comes later, where it only fits better. A name that is
// looked up by the search path shows at once, because the trap counts.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { runCli } from '../../../src/cli/cli.ts';
import { grantAwsS3, installAwsS3Emulation } from '../../support/aws-s3-emulation.ts';
import { deleteKeys, uniquePrefix } from '../../support/bucket.ts';
import { createRole, createTestDatabase, type TestDatabase } from '../../support/database.ts';
import { defaultServer, majorOf, newestServers, testStack } from '../../support/stack.ts';
import { capturedTerminal } from '../../unit/cli/captured-terminal.ts';
import { s3Environment } from '../cli/relyt.ts';
import {
  callsOf,
  plantBetterFits,
  plantCasts,
  plantTwins,
  temporaryTwins,
  wordsOfOurSql,
} from './planted-objects.ts';

/** The twins come before pg_catalog; of the better fits it is enough that they are there. */
const PATH = 'planted, public, fits, casts, pg_catalog';

const CASES = newestServers().flatMap((server) =>
  (server === defaultServer() ? ['postgres', 'direct', 'aws-s3'] : ['copy']).map((engine) => ({
    server,
    name: server.name,
    engine,
  })),
);

describe.each(CASES)('planted objects on $name, engine $engine', ({ server, engine }) => {
  const prefix = uniquePrefix();
  const { endpoint } = testStack().s3;
  const chosen = [
    '--engine',
    engine,
    ...(engine === 'aws-s3' ? ['--aws-s3-endpoint', endpoint] : []),
  ];
  let folder: string;
  let file: string;
  let database: TestDatabase;
  let admin: { readonly url: string; readonly name: string };
  let loader: { readonly url: string; readonly name: string };

  beforeAll(async () => {
    folder = mkdtempSync(path.join(os.tmpdir(), 'relyt-planted-'));
    file = path.join(folder, 'events.csv');
    database = await createTestDatabase(server);
    admin = await createRole(database, 'admin');
    loader = await createRole(database, 'loader');
    // As in databases of PostgreSQL 14 and earlier.
    await database.query('grant create on schema public to public');
    await database.query(`alter role "${admin.name}" superuser`);
    await database.query('create schema app');
    await database.query(`create table app.events
      (id int primary key, group_id int, name text check (name <> 'refused'))`);
    await database.query('create table app.plain (id int, group_id int, name text)');
    await database.query('create table app.checked (id int, group_id int, name text)');
    await database.query(`grant usage on schema app to "${loader.name}"`);
    await database.query(`grant all on app.events, app.plain, app.checked to "${loader.name}"`);
    if (engine === 'aws-s3') {
      await installAwsS3Emulation(database, { endpoint });
      await grantAwsS3(database, loader.name);
    }
    const counts = await plantTwins(database, 'planted', wordsOfOurSql());
    expect(counts.function).toBeGreaterThan(100);
    expect(counts.operator).toBeGreaterThan(500);
    expect(counts.table).toBeGreaterThan(100);
    expect(counts.type).toBeGreaterThan(15);
    expect(await plantBetterFits(database, 'fits')).toBeGreaterThan(1000);
    expect(await plantCasts(database, 'casts', wordsOfOurSql())).toBeGreaterThan(20);
    const all = 'in schema planted, fits, casts to public';
    await database.query('grant usage on schema planted, fits, casts to public');
    await database.query(`grant usage, update on all sequences ${all}`);
    for (const { name } of [admin, loader])
      await database.query(`alter role "${name}" set search_path = ${PATH}`);
  }, 60_000);

  afterAll(async () => {
    await database.drop();
    await deleteKeys(prefix);
    rmSync(folder, { recursive: true });
  });

  /** In this process: dozens of new ones would take most of the time. */
  async function as(role: { readonly url: string }, ...args: string[]) {
    const { terminal, out, err } = capturedTerminal();
    const environment = { ...s3Environment(prefix), DATABASE_URL: role.url };
    for (const [name, value] of Object.entries(environment)) vi.stubEnv(name, value);
    const code = await runCli(args, terminal).finally(() => vi.unstubAllEnvs());
    return { code, stdout: out.text, stderr: err.text };
  }

  async function works(role: { readonly url: string }, ...args: string[]): Promise<string> {
    const result = await as(role, ...args);
    expect({ args, ...result }).toMatchObject({ code: 0 });
    return result.stdout;
  }

  function write(rows: readonly string[]): void {
    writeFileSync(file, `id,group_id,name\n${rows.map((row) => `${row}\n`).join('')}`);
  }

  /** Every command, so that every statement runs. */
  async function everyCommand(): Promise<void> {
    const table = ['--table', 'app.events', ...chosen];
    await works(admin, 'init', '--engine', engine, '--role', loader.name);
    const script = await works(admin, 'init', '--engine', engine, '--print-sql');
    const client = new pg.Client({ connectionString: admin.url });
    await client.connect();
    await client.query(script).finally(() => client.end());
    await works(admin, 'doctor', ...table);
    await works(loader, 'doctor', ...table);
    const routing = ['--engine', engine, '--routing', 'app.events', '--view'];
    await works(admin, 'init', ...routing, '--role', loader.name);
    write(Array.from({ length: 60 }, (_, n) => `${n},${n % 3},name ${n}`));
    for (const role of [admin, loader]) {
      await works(role, 'load', file, ...table, '--dry-run');
      await works(role, 'load', file, ...table, '--on-conflict', 'nothing');
      await works(role, 'load', file, ...table, '--on-conflict', 'update', '--batch-size', '30');
      await works(role, 'load', file, '--table', 'app.plain', ...chosen);
    }
    const migrate = ['migrate', '--tables', 'app.events', '--threshold', '1'];
    await works(admin, ...migrate, '--max-groups', '1');
    await works(admin, ...migrate, '--batch-rows', '8');
    await works(loader, 'load', file, ...table);
    write([
      ...Array.from({ length: 40 }, (_, n) => `${n},${n % 3},again`),
      '7000,x,y',
      '7001,1,z',
      '7002,1,refused',
    ]);
    const tasks: { role: typeof admin; rejecting: string; failed: string }[] = [];
    for (const role of [admin, loader]) {
      const rejecting = await as(role, 'load', file, ...table, '--max-errors', '3', '--json');
      const failing = await as(role, 'load', file, ...table, '--json');
      expect([rejecting.code, failing.code]).toEqual([3, 1]);
      const [rejected, failed] = [rejecting, failing].map(
        ({ stdout }) => JSON.parse(stdout).processId as string,
      );
      tasks.push({ role, rejecting: rejected ?? '', failed: failed ?? '' });
    }
    await works(admin, 'migrate', '--tables', 'app.events', '--threshold', '1000', '--back');
    for (const { role, rejecting, failed } of tasks) {
      await works(role, 'tasks');
      await works(role, 'tasks', '--json', '--status', 'FAILED');
      await works(role, 'show', rejecting);
      expect(await works(role, 'errors', rejecting)).toContain('23514');
      expect((await as(role, 'resume', failed)).stderr).toContain('RECORD');
      await works(role, 'abort', failed);
      await works(role, 'gc', '--unknown', '--older-than', '0s');
    }
  }

  /** What goes on with a load of before: by its key, by its file, by its id. */
  async function everyContinuation(role: { readonly url: string }): Promise<void> {
    const load = ['load', file, '--table', 'app.checked', ...chosen];
    write(['1,1,good', '2,1,refused']);
    /** A load that fails by a constraint which is gone afterwards. */
    const interrupted = async () => {
      await database.query(
        `alter table app.checked add constraint refuses check (name <> 'refused') not valid`,
      );
      const { code, stdout } = await as(role, ...load, '--json');
      expect(code).toBe(1);
      await database.query('alter table app.checked drop constraint refuses');
      return (JSON.parse(stdout) as { processId: string }).processId;
    };
    await works(role, 'engines');
    await works(role, ...load, '--key', 'k');
    expect(await works(role, ...load, '--key', 'k', '--json')).toContain('"skipped":true');
    const processId = await interrupted();
    const again = JSON.parse(await works(role, ...load, '--json')) as { processId: string };
    // Nothing of it is safe without S3, so there is nothing to go on with.
    expect(again.processId === processId).toBe(engine !== 'direct');
    await works(role, 'resume', await interrupted());
    await works(role, 'resume', await interrupted(), '--finish');
  }

  test('are not called by any command', async () => {
    await everyCommand();
    for (const role of [admin, loader]) await everyContinuation(role);
    const [count] = await database.query('select count(*)::int as n from app.events_relyt_all');
    expect(count).toEqual({ n: 61 });
    expect(await callsOf(database, 'planted')).toBe(0);
    expect(await callsOf(database, 'fits')).toBe(0);
    expect(await callsOf(database, 'casts')).toBe(0);
  });

  /** Older servers run nothing when a session begins. */
  const temporary = () =>
    test('are not met in a session that another client used before, with temporary tables and types', async () => {
      const words = wordsOfOurSql();
      await database.query(`create function leave() returns event_trigger language plpgsql
        set search_path = pg_catalog as $f$ ${temporaryTwins(words)} $f$`);
      await database.query('create event trigger leave on login execute function leave()');
      try {
        const client = new pg.Client({ connectionString: loader.url });
        await client.connect();
        await client.query('set search_path = pg_temp, pg_catalog');
        await expect(client.query('select relname from pg_class')).rejects.toThrow(/relname/);
        await client.end();
        const table = ['--table', 'app.events', ...chosen];
        write(['8001,1,a', '8002,2,b', '8001,1,again', '8003,1,refused']);
        for (const role of [admin, loader]) {
          await works(role, 'doctor', ...table);
          const load = await as(role, 'load', file, ...table, '--max-errors', '3', '--json');
          expect(load.code).toBe(3);
          const { processId } = JSON.parse(load.stdout) as { processId: string };
          await works(role, 'tasks');
          await works(role, 'show', processId);
          await works(role, 'errors', processId);
          await works(role, 'gc', '--unknown', '--older-than', '0s');
        }
        await works(admin, 'init', '--engine', engine, '--role', loader.name);
      } finally {
        await database.query('drop event trigger leave');
      }
    });
  if (majorOf(server) >= 17 && engine === 'postgres') temporary();

  test('would show: a statement that looks its names up falls into the trap', async () => {
    const schemas = ['planted', 'fits', 'casts'];
    const calls = () => Promise.all(schemas.map((schema) => callsOf(database, schema)));
    const [planted = 0, fits = 0, casts = 0] = await calls();
    const client = new pg.Client({ connectionString: loader.url });
    await client.connect();
    try {
      await expect(client.query(`select lower('A'::pg_catalog.text)`)).rejects.toThrow(/planted/);
      await expect(client.query('select 1 = 1')).rejects.toThrow(/planted/);
      await expect(client.query(`select 'x'::text`)).rejects.toThrow(/planted/);
      await client.query('set search_path = fits');
      await expect(client.query(`select 'x'::name = 'x'::varchar`)).rejects.toThrow(/of fits/);
      await client.query('set search_path = casts');
      await expect(client.query('select 1::int4 = true')).rejects.toThrow(/of casts/);
    } finally {
      await client.end();
    }
    expect(await calls()).toEqual([planted + 3, fits + 1, casts + 1]);
  });
});
