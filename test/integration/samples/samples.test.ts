// Every program of samples/ runs as a user would run it: against a database that `relyt init` prepared,
// importing the built package by its name. The programs assert by themselves what they show.

import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { deleteKeys, listKeys, listUploads, uniquePrefix } from '../../support/bucket.ts';
import { ensureBuilt } from '../../support/build.ts';
import { createTestDatabase, type TestDatabase } from '../../support/database.ts';
import { prepareAsInit } from './prepared-database.ts';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const SAMPLES = readdirSync(path.join(ROOT, 'samples')).filter((name) => name.endsWith('.ts'));

let folder: string;

beforeAll(async () => {
  await ensureBuilt();
  // Inside the package and outside node_modules: only there does its own name resolve to it.
  const cache = path.join(ROOT, '.cache');
  mkdirSync(cache, { recursive: true });
  folder = mkdtempSync(path.join(cache, 'samples-'));
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('samples', () => {
  it.each(SAMPLES)('%s holds what it asserts and leaves nothing in S3', async (name) => {
    const prefix = uniquePrefix();
    const database = await createTestDatabase();
    onTestFinished(async () => {
      await database.drop();
      await deleteKeys(prefix);
    });
    await prepareAsInit(database, { prefix, roles: [] });

    const { status, output } = await run(compile(name), database.url);

    expect(status, output).toBe(0);
    expect(await unfinishedTasks(database)).toEqual([]);
    expect(await listKeys(prefix)).toEqual([]);
    expect(await listUploads(prefix)).toEqual([]);
  });
});

/** Tasks a program left in another state than it should have. */
function unfinishedTasks(database: TestDatabase): Promise<object[]> {
  return database.query(
    `select process_id, status, error_message from relyt_sys.relyt_loader_checkpoint where status = 'RUNNING'`,
  );
}

/** Node 20 runs no TypeScript, and no `using` or decorator either. */
function compile(name: string): string {
  const { outputText } = ts.transpileModule(
    readFileSync(path.join(ROOT, 'samples', name), 'utf8'),
    {
      fileName: name,
      compilerOptions: { target: ts.ScriptTarget.ES2023, module: ts.ModuleKind.ESNext },
    },
  );
  const file = path.join(folder, name.replace(/\.ts$/, '.mjs'));
  writeFileSync(file, outputText);
  return file;
}

function run(
  program: string,
  databaseUrl: string,
): Promise<{ readonly status: number; readonly output: string }> {
  const env = { ...process.env, DATABASE_URL: databaseUrl, NODE_OPTIONS: '' };
  return new Promise((resolve) => {
    const options = { env, timeout: 60_000, killSignal: 'SIGKILL' as const };
    execFile(process.execPath, [program], options, (error, stdout, stderr) => {
      const status = error === null ? 0 : typeof error.code === 'number' ? error.code : 1;
      resolve({ status, output: `${stdout}${stderr}` });
    });
  });
}
