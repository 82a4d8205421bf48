/** A folder, a database and programs on the PATH, in which commands of pages run as they are shown. */

import { execFile } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { onTestFinished } from 'vitest';
import { deleteKeys, uniquePrefix } from '../../support/bucket.ts';
import { BUNDLE } from '../../support/build.ts';
import { createRole, createTestDatabase, type TestDatabase } from '../../support/database.ts';
import { testStack } from '../../support/stack.ts';
import { relyt, s3Environment } from '../cli/relyt.ts';

const PEOPLE = 'id,name,born\n1,Ada,1815-12-10\n2,Grace,1906-12-09\n';
const EVENTS = '{"id":1,"kind":"a","at":"2026-11-29"}\n{"id":2,"kind":"b","at":"2026-11-29"}\n';

/** What pages name: tables, and files whose records fit into them. */
const TABLES: Readonly<Record<string, string>> = {
  people: 'id int primary key, name text, born date',
  events: 'id int primary key, kind text, at date, group_id int',
  log: 'id int, kind text, at date',
  t: 'id int primary key, group_id int, tenant int',
  u: 'id int primary key, group_id int',
  v: 'id int primary key, tenant int',
};
const FILES: Readonly<Record<string, string | Buffer>> = {
  'people.csv': PEOPLE,
  'headless.csv': '11,x,Alan\n12,x,Kurt\n',
  'people.copy': '21\tAlan\t1912-06-23\n22\t\\N\t\\N\n\\.\n',
  'events-2026-11-29.csv': 'id,kind,at\n1,a,2026-11-29\n',
  'events.ndjson.gz': gzipSync(EVENTS),
  'log.jsonl.gz': gzipSync(EVENTS),
  'log.gz': gzipSync(EVENTS),
};

export interface Ran {
  readonly code: number;
  readonly output: string;
}

export class ShellWorld {
  readonly database: TestDatabase;
  readonly folder: string;
  readonly #role: string;
  readonly #prefix: string;

  private constructor(database: TestDatabase, folder: string, role: string, prefix: string) {
    this.database = database;
    this.folder = folder;
    this.#role = role;
    this.#prefix = prefix;
  }

  /** @param shown the page's text: tables that it makes itself are not there yet */
  static async forTest(shown: string): Promise<ShellWorld> {
    const database = await createTestDatabase();
    const folder = mkdtempSync(path.join(os.tmpdir(), 'relyt-page-'));
    const prefix = uniquePrefix();
    onTestFinished(async () => {
      await database.drop();
      rmSync(folder, { recursive: true, force: true });
      await deleteKeys(prefix);
    });
    const { name: role } = await createRole(database, 'loader');
    for (const [table, columns] of Object.entries(TABLES))
      if (!shown.includes(`create table ${table} `))
        await database.query(`create table ${table} (${columns})`);
    for (const [name, content] of Object.entries(FILES))
      writeFileSync(path.join(folder, name), content);
    const world = new ShellWorld(database, folder, role, prefix);
    world.#addPrograms();
    return world;
  }

  /** `relyt init` as an administrator ran it before: with the S3 server of the test run, and routing of these tables. */
  async prepare(tables: readonly string[] = ['t', 'u', 'events'], withS3 = true): Promise<void> {
    const routing = tables.flatMap((table) => ['--routing', `public.${table}`]);
    const s3 = withS3 ? s3Environment(this.#prefix) : {};
    const env = { DATABASE_URL: this.database.url, ...s3 };
    const { code, stdout, stderr } = await relyt(['init', '--view', ...routing], { env });
    if (code !== 0) throw new Error(stdout + stderr);
  }

  /** Runs a command with what stands for places and secrets of a reader replaced by those of this world. */
  async run(shown: string): Promise<Ran> {
    const command = await this.#filled(shown);
    if (command.includes('load rejected.ndjson')) this.#correctRejected();
    const { PATH = '', HOME = '' } = process.env;
    const env = {
      PATH: `${path.join(this.folder, 'bin')}:${PATH}`,
      HOME,
      DATABASE_URL: this.database.url,
      // A reader has set them where a command names a bucket; elsewhere they would ask for one.
      ...(command.includes('--s3-') ? s3Keys() : {}),
    };
    return new Promise((resolve) => {
      const options = { cwd: this.folder, env, timeout: 100_000 };
      execFile('sh', ['-c', command], options, (error, stdout, stderr) => {
        const code = error === null ? 0 : typeof error.code === 'number' ? error.code : -1;
        resolve({ code, output: `${command}\n${stdout}${stderr}` });
      });
    });
  }

  /** As a reader does between the two commands. */
  #correctRejected(): void {
    const file = path.join(this.folder, 'rejected.ndjson');
    writeFileSync(file, readFileSync(file, 'utf8').replaceAll('never', '1912-06-23'));
  }

  async #filled(shown: string): Promise<string> {
    const { s3 } = testStack();
    const values: Readonly<Record<string, string>> = {
      's3.amazonaws.com': s3.endpoint,
      '--s3-bucket staging': `--s3-bucket ${s3.bucket}`,
      '--s3-region eu-west-1': `--s3-region ${s3.region}`,
      '--s3-prefix relyt': `--s3-prefix ${this.#prefix}`,
      AKIAIOSFODNN7EXAMPLE: s3.accessKey,
      'AKIA…': s3.accessKey,
      'RELYT_S3_SECRET_KEY=…': `RELYT_S3_SECRET_KEY=${s3.secretKey}`,
      // Where a page shows a second way to do it, to a file or table that is made for it.
      'people.csv --table people --no-header': 'headless.csv --table people --no-header',
      'public.t --group-column tenant': 'public.v --group-column tenant',
      '--role loader': `--role ${this.#role}`,
      'create role loader login': `alter role ${this.#role} login`,
    };
    const filled = Object.entries(values).reduce(
      (text, [place, value]) => text.replaceAll(place, () => value),
      shown,
    );
    if (!filled.includes('PROCESS_ID')) return filled;
    return filled.replaceAll('PROCESS_ID', await this.#task(filled));
  }

  /**
   * A task of people.csv, as the command needs it: one with a rejected record, or one that stopped at a record that can be
   * loaded now. With --allow-change the file was corrected, else the table.
   */
  async #task(command: string): Promise<string> {
    const file = path.join(this.folder, 'people.csv');
    const stops = /resume|abort/.test(command);
    const isTable = stops && !command.includes('--allow-change');
    writeFileSync(file, `${PEOPLE}3,Alan,${isTable ? '1912-06-23' : 'never'}\n`);
    if (isTable)
      await this.database.query(`alter table people add constraint fit check (name <> 'Alan')`);
    const args = ['load', file, '--table', 'people', '--on-conflict', 'update', '--json'];
    const env = { DATABASE_URL: this.database.url };
    const { stdout } = await relyt([...args, '--max-errors', stops ? '0' : '1'], { env });
    if (isTable) await this.database.query('alter table people drop constraint fit');
    else writeFileSync(file, `${PEOPLE}3,Alan,1912-06-23\n`);
    const { processId, details } = JSON.parse(stdout);
    return processId ?? details.processId;
  }

  /** `npx relyt`, `relyt` and `psql -c`, without an installed package and without PostgreSQL's client. */
  #addPrograms(): void {
    const bin = path.join(this.folder, 'bin');
    mkdirSync(bin);
    const node = JSON.stringify(process.execPath);
    const pg = JSON.stringify(import.meta.resolve('pg'));
    const sql = `import(${pg}).then(async ({ default: pg }) => {
      const client = new pg.Client(process.env.DATABASE_URL);
      await client.connect();
      await client.query(process.argv.at(-1)).finally(() => client.end());
    })`;
    const programs = {
      relyt: `exec ${node} ${JSON.stringify(path.join(BUNDLE, 'cli/main.cjs'))} "$@"`,
      npx: 'exec "$@"',
      psql: `exec ${node} -e '${sql}' -- "$@"`,
    };
    for (const [name, line] of Object.entries(programs)) {
      writeFileSync(path.join(bin, name), `#!/bin/sh\n${line}\n`);
      chmodSync(path.join(bin, name), 0o755);
    }
  }
}

function s3Keys(): Record<string, string> {
  const { accessKey, secretKey } = testStack().s3;
  return { RELYT_S3_ACCESS_KEY: accessKey, RELYT_S3_SECRET_KEY: secretKey };
}
