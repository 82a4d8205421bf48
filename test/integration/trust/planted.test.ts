// G7: whatever others can create under a name our SQL uses, no command ever calls it, whoever runs the command: not in
// a schema that comes before pg_catalog, and not in `public` where it only fits better. A name that is looked up by the
// search path shows at once, because the trap counts.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { deleteKeys, uniquePrefix } from '../../support/bucket.ts';
import { createRole, createTestDatabase, type TestDatabase } from '../../support/database.ts';
import { testStack } from '../../support/stack.ts';
import { relyt, s3Environment } from '../cli/relyt.ts';
import { callsOf, plantBetterFits, plantTwins, wordsOfOurSql } from './planted-objects.ts';

const SERVERS = testStack().servers.map((server) => ({ server, name: server.name }));

describe.each(SERVERS)('planted objects on $name', ({ server }) => {
  const prefix = uniquePrefix();
  const folder = mkdtempSync(path.join(os.tmpdir(), 'relyt-planted-'));
  const file = path.join(folder, 'events.csv');
  let database: TestDatabase;
  let admin: { readonly url: string; readonly name: string };
  let loader: { readonly url: string; readonly name: string };

  beforeAll(async () => {
    database = await createTestDatabase(server);
    admin = await createRole(database, 'admin');
    loader = await createRole(database, 'loader');
    // As in databases of PostgreSQL 14 and earlier.
    await database.query('grant create on schema public to public');
    await database.query(`alter role "${admin.name}" superuser`);
    await database.query('create schema app');
    await database.query('create table app.events (id int primary key, group_id int, name text)');
    await database.query('create table app.plain (id int, group_id int, name text)');
    await database.query(`grant usage on schema app to "${loader.name}"`);
    await database.query(`grant all on app.events, app.plain to "${loader.name}"`);
    const counts = await plantTwins(database, 'planted', wordsOfOurSql());
    expect(counts.function).toBeGreaterThan(100);
    expect(counts.operator).toBeGreaterThan(500);
    expect(counts.table).toBeGreaterThan(100);
    expect(counts.type).toBeGreaterThan(15);
    expect(await plantBetterFits(database, 'fits')).toBeGreaterThan(1000);
    await database.query('grant usage on schema planted, fits to public');
    await database.query('grant usage, update on all sequences in schema planted, fits to public');
  }, 60_000);

  afterAll(async () => {
    await database.drop();
    await deleteKeys(prefix);
    rmSync(folder, { recursive: true });
  });

  /** The twins come before pg_catalog; of the better fits it is enough that they are there. */
  async function usePath(...schemas: string[]): Promise<void> {
    for (const { name } of [admin, loader])
      await database.query(`alter role "${name}" set search_path = ${schemas.join(', ')}`);
  }

  function as(role: { readonly url: string }, ...args: string[]) {
    return relyt(args, { env: { ...s3Environment(prefix), DATABASE_URL: role.url } });
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
  async function everyCommand(engine: 'postgres' | 'copy'): Promise<void> {
    const table = ['--table', 'app.events', '--engine', engine];
    await works(admin, 'init', '--engine', engine, '--role', loader.name);
    const script = await works(admin, 'init', '--engine', engine, '--print-sql');
    const client = new pg.Client({ connectionString: admin.url });
    await client.connect();
    await client.query(script).finally(() => client.end());
    await works(admin, 'doctor', ...table);
    await works(loader, 'doctor', ...table);
    const routing = ['--engine', engine, '--routing', 'app.events', '--view'];
    await works(admin, 'init', ...routing, '--role', loader.name);
    write(Array.from({ length: 300 }, (_, n) => `${n},${n % 3},name ${n}`));
    for (const role of [admin, loader]) {
      await works(role, 'load', file, ...table, '--dry-run');
      await works(role, 'load', file, ...table, '--on-conflict', 'nothing');
      await works(role, 'load', file, ...table, '--on-conflict', 'update', '--batch-size', '100');
      await works(role, 'load', file, '--table', 'app.plain', '--engine', engine);
    }
    const migrate = ['migrate', '--tables', 'app.events', '--threshold', '1'];
    await works(admin, ...migrate, '--max-groups', '1');
    await works(admin, ...migrate, '--batch-rows', '20');
    await works(loader, 'load', file, ...table);
    write([...Array.from({ length: 50 }, (_, n) => `${n},${n % 3},again`), '7000,x,y', '7001,1,z']);
    const tasks: string[] = [];
    for (const role of [admin, loader]) {
      const rejecting = await as(role, 'load', file, ...table, '--max-errors', '3', '--json');
      tasks.push(JSON.parse(rejecting.stdout).processId);
      const failing = await as(role, 'load', file, ...table, '--json');
      expect(failing.code).toBe(1);
    }
    await works(admin, 'migrate', '--tables', 'app.events', '--threshold', '1000', '--back');
    for (const role of [admin, loader]) {
      const listed = JSON.parse(await works(role, 'tasks', '--json', '--status', 'FAILED'));
      const failed = listed.tasks.at(0).processId;
      await works(role, 'tasks');
      for (const task of tasks) {
        await works(role, 'show', task);
        await works(role, 'errors', task);
      }
      expect((await as(role, 'resume', failed)).stderr).toContain('RECORD');
      await works(role, 'abort', failed);
      await works(role, 'gc', '--unknown', '--older-than', '0s');
    }
  }

  test.each([
    { engine: 'postgres', schemas: ['planted', 'public', 'pg_catalog'] },
    { engine: 'copy', schemas: ['planted', 'public', 'pg_catalog'] },
    { engine: 'postgres', schemas: ['public', 'fits'] },
  ] as const)(
    'of $schemas are not called by any command, engine $engine',
    async ({ engine, schemas }) => {
      await database.query('drop schema if exists relyt_sys cascade');
      await database.query('drop view if exists app.events_relyt_all');
      await database.query('drop table if exists app.events_relyt_massive_group');
      await database.query('truncate app.events, app.plain');
      await usePath(...schemas);
      await everyCommand(engine);
      const [count] = await database.query('select count(*)::int as n from app.events_relyt_all');
      expect(count).toEqual({ n: 301 });
      expect(await callsOf(database, 'planted')).toBe(0);
      expect(await callsOf(database, 'fits')).toBe(0);
    },
    240_000,
  );

  test('would show: a statement that looks its names up falls into the trap', async () => {
    await usePath('planted', 'public', 'pg_catalog');
    const client = new pg.Client({ connectionString: loader.url });
    await client.connect();
    await expect(client.query(`select lower('A'::pg_catalog.text)`)).rejects.toThrow(/planted/);
    await expect(client.query('select 1 = 1')).rejects.toThrow(/planted/);
    await expect(client.query(`select 'x'::text`)).rejects.toThrow(/planted/);
    await client.end();
    expect(await callsOf(database, 'planted')).toBe(3);
  });
});
