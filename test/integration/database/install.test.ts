import pg from 'pg';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { BulkProcessor } from '../../../src/bulk-processor.ts';
import { Database } from '../../../src/database/database.ts';
import { migrationsFor } from '../../../src/database/schema/migrations.ts';
import { administratorScript } from '../../../src/prepare/administrator-script.ts';
import type { Preparation } from '../../../src/prepare/preparation.ts';
import { prepareDatabase } from '../../../src/prepare/prepare-database.ts';
import { deleteKeys, uniquePrefix } from '../../support/bucket.ts';
import {
  createRole,
  createTestDatabase,
  type TestDatabase,
  type TestRole,
} from '../../support/database.ts';
import { testStack } from '../../support/stack.ts';
import { relyt } from '../cli/relyt.ts';

const EXPOSE = 'relyt_sys.relyt_loader_expose(regclass, text[], boolean, text, boolean[])';

describe.each(testStack().servers.map((server) => [server.name, server] as const))(
  'on %s',
  (_name, server) => {
    const prefix = uniquePrefix();
    let database: TestDatabase;

    beforeEach(async () => {
      database = await createTestDatabase(server);
    });
    afterEach(async () => {
      await database.drop();
      await deleteKeys(prefix);
    });

    function preparation(given: Partial<Preparation> = {}): Preparation {
      const { endpoint, region, bucket, accessKey, secretKey } = testStack().s3;
      const keys = { access_key: accessKey, secret_key: secretKey };
      return {
        engine: 'postgres',
        roles: [],
        s3: { endpoint, region, bucket_name: bucket, prefix, ...keys },
        trusted: {},
        s3Fallback: {},
        locations: [],
        ...given,
      };
    }

    async function prepare(given: Partial<Preparation> = {}, url: string = database.url) {
      const connection = new Database(
        { connectionString: url },
        { connections: 1, applicationName: 'test' },
      );
      try {
        return await prepareDatabase(connection, preparation(given));
      } finally {
        await connection.close();
      }
    }

    async function preparedRole(rights: string): Promise<TestRole> {
      const role = await createRole(database, 'loader');
      await prepare({ roles: [role.name] });
      await database.query('create table target (id int primary key, name text)');
      await database.query(`grant ${rights} on target to "${role.name}"`);
      return role;
    }

    function open(role: TestRole): Promise<BulkProcessor> {
      return BulkProcessor.create({
        postgresql: { connectionString: role.url, table: 'target' },
      });
    }

    async function as(role: TestRole, text: string): Promise<unknown[]> {
      const client = new pg.Client({ connectionString: role.url });
      await client.connect();
      try {
        return (await client.query(text)).rows;
      } finally {
        await client.end();
      }
    }

    test('twenty clients at once: each ends well, each migration is applied once', async () => {
      const all = await Promise.all(Array.from({ length: 20 }, () => prepare()));
      const applied = all.flatMap(({ migrations }) => migrations);
      const names = migrationsFor('postgres').map(({ name }) => name);
      expect(applied.sort()).toEqual(names.toSorted());
      expect(
        await database.query('select name from relyt_sys.relyt_loader_migration order by number'),
      ).toEqual(names.map((name) => ({ name })));
    });

    test('a role with the rights of a loader loads, updates included', async () => {
      const role = await preparedRole('select, insert, update');
      for (const name of ['first', 'second']) {
        const processor = await open(role);
        await processor.insert([1, 2, 3].map((id) => ({ id, name })));
        await processor.shutdown();
      }
      expect(await database.query('select * from target order by id')).toEqual([
        { id: 1, name: 'second' },
        { id: 2, name: 'second' },
        { id: 3, name: 'second' },
      ]);
    });

    test('G7: such a role reads the secret by LOADER_CONFIG() only, which is its business', async () => {
      const role = await preparedRole('insert');
      const { secretKey } = testStack().s3;
      await expect(as(role, 'select * from relyt_sys.sdk_loader_config')).rejects.toMatchObject({
        code: '42501',
      });
      const sources = JSON.stringify(
        await as(role, 'select prosrc, probin, proargdefaults::text from pg_proc'),
      );
      expect(sources).toContain('sdk_loader_config');
      expect(sources).not.toContain(secretKey);
      const stranger = await createRole(database, 'stranger');
      await expect(as(stranger, 'select * from relyt_sys.loader_config()')).rejects.toMatchObject({
        code: '42501',
      });
    });

    test('such a role can neither read files nor run programs', async () => {
      const role = await preparedRole('insert');
      for (const attempt of [
        `copy target from '/etc/passwd'`,
        `copy target from program 'id'`,
        `select pg_read_file('/etc/passwd')`,
        `create foreign table mine (line text) server relyt_loader_files options (filename '/etc/passwd')`,
        `create server mine foreign data wrapper file_fdw`,
        `insert into relyt_sys.relyt_loader_location values ('http://127.0.0.1/')`,
        `alter function relyt_sys.relyt_loader_open() security invoker`,
      ]) {
        await expect(as(role, attempt), attempt).rejects.toMatchObject({ code: '42501' });
      }
    });

    test('G8: a role without any right, before and after the schema is there', async () => {
      const role = await createRole(database, 'nobody');
      await database.query('create table target (id int)');
      await database.query(`grant insert on target to "${role.name}"`);
      await expect(open(role)).rejects.toMatchObject({
        code: 'SCHEMA_MISSING',
        hint: expect.stringContaining('relyt init'),
      });
      await prepare();
      await expect(open(role)).rejects.toMatchObject({
        code: 'DATABASE_PERMISSION_DENIED',
        message: expect.stringContaining('relyt_sys'),
        hint: expect.stringContaining('relyt init --role'),
      });
    });

    test('G8: a schema of a newer version is left alone', async () => {
      await prepare();
      await database.query(
        `insert into relyt_sys.relyt_loader_migration values (9999, 'of the future', now())`,
      );
      await expect(prepare()).rejects.toMatchObject({
        code: 'SCHEMA_TOO_NEW',
        message: expect.stringContaining('9999'),
      });
      await database.query('create table target (id int)');
      const { url } = database;
      await expect(open({ name: '', password: '', url })).rejects.toMatchObject({
        code: 'SCHEMA_TOO_NEW',
      });
    });

    test('a schema of an older version: a role that may not change it is told, one that may upgrades it', async () => {
      const role = await preparedRole('select, insert, update');
      await database.query(`drop table relyt_sys.relyt_loader_routing, relyt_sys.relyt_loader_key,
        relyt_sys.relyt_loader_marker, relyt_sys.relyt_loader_auxiliary`);
      await database.query(`alter table relyt_sys.relyt_loader_task
        drop column holder_name, drop column holder_role, drop column holder_server,
        drop column replay_after, drop column replay_epoch;
        alter table relyt_sys.relyt_loader_import drop column moves_before, drop column auxiliary_moves;
        alter table relyt_sys.relyt_loader_file
        drop column etag, drop column crc32, drop column ordinal_sum, drop column layout,
        drop column staged_columns, drop column reached_position, drop column reached_ordinal,
        drop column ordinal_gaps, drop column conflict_mode`);
      await database.query(`drop function ${EXPOSE}`);
      await database.query('delete from relyt_sys.relyt_loader_migration where number > 5');
      const newer = migrationsFor('postgres').filter(({ number }) => number > 5);
      const names = newer.map(({ name }) => name);
      await expect(open(role)).rejects.toMatchObject({
        code: 'SCHEMA_MISSING',
        message: expect.stringContaining(`lacks ${names.join(', ')}`),
        hint: expect.stringContaining('relyt init'),
      });
      expect((await prepare({ roles: [role.name] })).migrations).toEqual(names);
      expect(await as(role, 'select * from relyt_sys.relyt_loader_routing')).toEqual([]);
      expect(await as(role, 'select * from relyt_sys.relyt_loader_key')).toEqual([]);
      await (await open(role)).shutdown();
    });

    test('another administrator upgrades it: its functions stay those of one role, and loads go on', async () => {
      const role = await preparedRole('select, insert, update');
      await database.query(`drop function ${EXPOSE}`);
      await database.query(
        `delete from relyt_sys.relyt_loader_migration where name = 'read-layouts'`,
      );
      const other = await createRole(database, 'other_administrator');
      await database.query(`alter role "${other.name}" superuser`);
      expect((await prepare({}, other.url)).migrations).toEqual(['read-layouts']);
      const processor = await open(role);
      await processor.insert([{ id: 1, name: 'one' }]);
      await processor.shutdown();
      expect(await database.query('select * from target')).toEqual([{ id: 1, name: 'one' }]);
    });

    test('the schema of the Go SDK’s checkpoint table is taken over with its rows', async () => {
      await database.query('create schema relyt_sys');
      await database.query(`create table relyt_sys.relyt_loader_checkpoint (
        process_id text primary key, pg_table text not null, status text not null,
        start_time timestamp with time zone not null, last_insert_time timestamp with time zone,
        files_total int default 0, files_imported int default 0, file_details jsonb default '[]'::jsonb,
        error_message text, error_records int default 0)`);
      await database.query(
        `insert into relyt_sys.relyt_loader_checkpoint values ('old', 'public.t', 'COMPLETED', now())`,
      );
      await prepare();
      const role = await preparedRole('select, insert, update');
      const processor = await open(role);
      await processor.insert([{ id: 1, name: 'one' }]);
      await processor.shutdown();
      expect(
        await database.query(
          'select count(*)::int as tasks, min(status) as status from relyt_sys.relyt_loader_checkpoint',
        ),
      ).toEqual([{ tasks: 2, status: 'COMPLETED' }]);
    });

    describe('the script for an administrator', () => {
      /** Everything of the schema that a person could tell apart: objects, sources, rights, rows. */
      async function picture(of: TestDatabase, roleName: string): Promise<unknown> {
        const text = `
          select 'table ' || c.relname as what, (
            select json_agg(json_build_array(attname, format_type(atttypid, atttypmod), attnotnull) order by attnum)
            from pg_attribute where attrelid = c.oid and attnum > 0)::text as detail, c.relacl::text as rights
          from pg_class c where relnamespace = 'relyt_sys'::regnamespace and relkind in ('r', 'i')
          union all
          select 'function ' || p.oid::regprocedure, pg_get_functiondef(p.oid), p.proacl::text
          from pg_proc p where pronamespace = 'relyt_sys'::regnamespace
          union all select 'server', srvname, srvacl::text from pg_foreign_server
          union all select 'location', url_prefix, null from relyt_sys.relyt_loader_location
          union all select 'migration', name, number::text from relyt_sys.relyt_loader_migration
          union all select 'setting', config_name, config_value from relyt_sys.sdk_loader_config
            where config_name <> 'secret_key'
          union all select 'schema', nspname, nspacl::text from pg_namespace where nspname = 'relyt_sys'
          order by 1, 2`;
        const rows = await of.query(text);
        return JSON.parse(JSON.stringify(rows).replaceAll(roleName, 'LOADER'));
      }

      test('makes what init makes, in one simple query, and again without harm', async () => {
        await using other = await createTestDatabase(server);
        const here = await createRole(database, 'loader');
        const there = await createRole(other, 'loader');
        const locations = ['https://more.example/bucket'];
        await prepare({ roles: [here.name], locations });
        const script = await administratorScript(preparation({ roles: [there.name], locations }));
        await other.query(script);
        await other.query(script);
        expect(await picture(other, there.name)).toEqual(await picture(database, here.name));
      });

      test('keeps what a database of the Go SDK has, and waits for the secret only', async () => {
        await database.query('create schema relyt_sys');
        await database.query(`create function relyt_sys.loader_config(out endpoint text, out secret_key text)
          language sql as $$ select 'old.example', 'old-secret' $$`);
        const script = await administratorScript(preparation({ s3: { bucket_name: 'moved' } }));
        expect(script).not.toContain(testStack().s3.secretKey);
        await database.query(script);
        expect(
          await database.query(
            'select endpoint, bucket_name, secret_key from relyt_sys.loader_config()',
          ),
        ).toEqual([{ endpoint: 'old.example', bucket_name: 'moved', secret_key: 'old-secret' }]);
      });

      test('with the secret filled in, a load runs', async () => {
        const script = await administratorScript(preparation());
        const filledIn = script
          .replace(/^-- {3}(delete|insert)/gm, '$1')
          .replace('<secret access key>', testStack().s3.secretKey.replaceAll("'", "''"));
        await database.query(filledIn);
        await database.query('create table target (id int)');
        const result = await relyt(['load', '-', '--table', 'target'], {
          env: { DATABASE_URL: database.url },
          input: 'id\n1\n',
        });
        expect(result).toMatchObject({ code: 0, stderr: '' });
      });
    });
  },
);
