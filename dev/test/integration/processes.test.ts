import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, cpSync, mkdirSync, readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import { ensureBuilt } from '../../../test/support/build.ts';
import {
  type PackagedBinariesOptions,
  packagedBinaries,
} from '../../src/postgres/packaged-binaries.ts';
import type { PostgresBinaries } from '../../src/postgres/postgres-binaries.ts';
import {
  isAlive,
  processGroupOf,
  queryOnce,
  scratchFolder,
  startForTest,
} from '../support/scratch.ts';

const FIXTURE = fileURLToPath(new URL('fixtures/serve.mjs', import.meta.url));
const ORDINARY = { uid: 65_534, gid: 65_534 };
const asRoot = test.skipIf(process.getuid?.() !== 0);

interface ServeOptions {
  readonly dataDir: string;
  readonly runAs?: { readonly uid: number; readonly gid: number };
  readonly packageRoot?: string;
  readonly cacheRoot?: string;
}

interface Serving {
  readonly child: ChildProcess;
  readonly pid: number;
  readonly url: string;
  readonly program: string;
  nextLine(): Promise<Record<string, unknown>>;
}

beforeAll(ensureBuilt);

// In a process group of its own, as a shell starts a command.
async function serve(options: ServeOptions): Promise<Serving> {
  const child = spawn(process.execPath, [FIXTURE, JSON.stringify(options)], {
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  let complaints = '';
  child.stderr.on('data', (text) => {
    complaints += String(text);
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const nextLine = async (): Promise<Record<string, unknown>> => {
    const line = await lines.next();
    if (line.done === true) throw new Error(`the child ended:\n${complaints}`);
    return JSON.parse(line.value) as Record<string, unknown>;
  };
  const { pid, url, program } = await nextLine();
  const server = { pid: Number(pid), url: String(url), program: String(program) };
  onTestFinished(() => vi.waitFor(() => expect(isAlive(server.pid)).toBe(false), 30_000));
  return { child, nextLine, ...server };
}

function ordinaryFolder(): string {
  const folder = path.join(scratchFolder(), 'home');
  mkdirSync(folder);
  chownSync(folder, ORDINARY.uid, ORDINARY.gid);
  return folder;
}

function ownerOf(pid: number): number {
  return statSync(`/proc/${pid}`).uid;
}

/** The programs of the optional package, which this repository has installed. */
async function installedPackage(options: PackagedBinariesOptions = {}): Promise<PostgresBinaries> {
  const binaries = await packagedBinaries(options);
  if (binaries === undefined) throw new Error('the optional package is not installed');
  return binaries;
}

/** A copy of the binaries as a package manager that runs no install scripts leaves it. */
async function packageWithoutLinks(): Promise<string> {
  const { postgres } = await installedPackage();
  const original = path.resolve(postgres, '../../..');
  const root = path.join(scratchFolder(), 'package');
  const isLink = (file: string): boolean => /\.so(\.\d+)?$/.test(file) && linkTargets.has(file);
  const linkTargets = new Set(
    readdirSync(path.join(original, 'native', 'lib'), { withFileTypes: true })
      .filter((entry) => entry.isSymbolicLink())
      .map((entry) => path.join(original, 'native', 'lib', entry.name)),
  );
  cpSync(original, root, { recursive: true, filter: (source) => !isLink(source) });
  return root;
}

describe('when the process that started the server', () => {
  test('is killed, no server stays behind and the data can be used again', async () => {
    const dataDir = scratchFolder();
    const { child, pid, url } = await serve({ dataDir });
    await queryOnce(url, 'CREATE TABLE kept AS SELECT 1 AS one');
    child.kill('SIGKILL');
    // At once, while the watchdog is still at work: the next start has to wait for it.
    const next = await startForTest({ dataDir });
    expect(isAlive(pid)).toBe(false);
    expect(await queryOnce(next.url, 'SELECT one FROM kept')).toEqual([{ one: 1 }]);
    expect(next.log()).toContain('received fast shutdown request');
  });

  test('ends without stopping it, the server ends as well', async () => {
    const { child, pid } = await serve({ dataDir: scratchFolder() });
    child.kill('SIGTERM');
    await once(child, 'exit');
    await vi.waitFor(() => expect(isAlive(pid)).toBe(false), 30_000);
  });

  test('gets Ctrl-C, the server lives until it is stopped in order', async () => {
    const { child, pid, nextLine } = await serve({ dataDir: scratchFolder() });
    // A terminal signals the whole process group, and the server must not be in it.
    if (process.platform === 'linux') expect(processGroupOf(pid)).toBe(pid);
    process.kill(-(child.pid ?? 0), 'SIGINT');
    const farewell = await nextLine();
    expect(farewell).toMatchObject({ alive: true });
    expect(String(farewell.log)).toContain('database system is shut down');
    await once(child, 'exit');
    expect(child.exitCode).toBe(0);
  });
});

describe('rights', () => {
  asRoot('as root, the server runs as an unprivileged user', async () => {
    const server = await startForTest({ dataDir: scratchFolder() });
    expect(ownerOf(server.pid)).toBeGreaterThan(0);
  });

  asRoot('an ordinary user runs it as himself, and root can go on with his data', async () => {
    const dataDir = path.join(ordinaryFolder(), 'data');
    const reachable = { packageRoot: await packageWithoutLinks(), cacheRoot: ordinaryFolder() };
    const { child, pid, url } = await serve({ dataDir, runAs: ORDINARY, ...reachable });
    expect(ownerOf(pid)).toBe(ORDINARY.uid);
    await queryOnce(url, 'CREATE TABLE kept AS SELECT 1 AS one');
    child.kill('SIGINT');
    await once(child, 'exit');

    const server = await startForTest({ dataDir });
    expect(ownerOf(server.pid)).toBe(ORDINARY.uid);
    expect(await queryOnce(server.url, 'SELECT one FROM kept')).toEqual([{ one: 1 }]);
  });

  asRoot("an ordinary user cannot go on with root's data, and is told why", async () => {
    const dataDir = path.join(scratchFolder(), 'data');
    const server = await startForTest({ dataDir });
    await server.stop();
    const reachable = { packageRoot: await packageWithoutLinks(), cacheRoot: ordinaryFolder() };
    const refused = serve({ dataDir, runAs: ORDINARY, ...reachable });
    await expect(refused).rejects.toThrow(`${dataDir} cannot be used`);
  });
});

describe('a package whose install script did not run', () => {
  test('gets its library links at the first start', async () => {
    const packageRoot = await packageWithoutLinks();
    const { child, program } = await serve({ dataDir: scratchFolder(), packageRoot });
    expect(program.startsWith(packageRoot)).toBe(true);
    child.kill('SIGINT');
    await once(child, 'exit');
  });

  asRoot('is copied where the user may not write into it', async () => {
    const packageRoot = await packageWithoutLinks();
    const cacheRoot = ordinaryFolder();
    const dataDir = path.join(ordinaryFolder(), 'data');
    const { child, program } = await serve({ dataDir, runAs: ORDINARY, packageRoot, cacheRoot });
    expect(program.startsWith(cacheRoot)).toBe(true);
    expect(readdirSync(cacheRoot)).toHaveLength(1);
    child.kill('SIGINT');
    await once(child, 'exit');
  });

  asRoot('is copied where root can read it and the user of the server cannot', async () => {
    const home = path.join(scratchFolder(), 'home-of-root');
    mkdirSync(home, { mode: 0o700 });
    const packageRoot = path.join(home, 'package');
    cpSync(await packageWithoutLinks(), packageRoot, { recursive: true });
    const cacheRoot = scratchFolder();
    const user = { uid: ORDINARY.uid, gid: ORDINARY.gid };
    const [one, two] = await Promise.all([
      installedPackage({ packageRoot, cacheRoot, user }),
      installedPackage({ packageRoot, cacheRoot, user }),
    ]);
    expect(one).toEqual(two);
    expect(one.postgres.startsWith(cacheRoot)).toBe(true);
    const server = await startForTest({ dataDir: scratchFolder(), binaries: one });
    expect(await queryOnce(server.url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
  });
});
