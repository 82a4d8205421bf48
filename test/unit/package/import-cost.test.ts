// `sideEffects: false` is true: importing the package starts nothing. And it loads little: what loads records comes with
// the first task, a command when it is named.

import { execFileSync, type StdioOptions } from 'node:child_process';
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { BUNDLE, ensureBuilt } from '../../support/build.ts';

const ROOT = new URL('../../../', import.meta.url).href;
/** Of its own files; each costs about a millisecond. */
const MOST_FILES = 10;
const COMMANDS = readdirSync(new URL('../../../src/cli/commands', import.meta.url))
  .map((name) => path.basename(name, '.ts'))
  .sort();
const LIBRARIES = /node_modules\/(@aws-sdk|@smithy|commander|pg|pg-copy-streams|pgpass|zod)\//;
let entry: string;
let command: string;

beforeAll(async () => {
  await ensureBuilt();
  entry = pathToFileURL(path.join(BUNDLE, 'index.js')).href;
  command = pathToFileURL(path.join(BUNDLE, 'cli/main.cjs')).href;
}, 120_000);

describe('importing the package', () => {
  it('opens no handle, listens to no event of the process, and ends by itself', () => {
    const left = evaluate(`
      await import(${JSON.stringify(entry)});
      const handles = process.getActiveResourcesInfo();
      console.log(JSON.stringify({ handles, events: process.eventNames().map(String) }));`);

    const { handles, events } = JSON.parse(left);
    // Requests come from the loading of files and end by themselves; handles would stay.
    expect(handles.filter((name: string) => !/Req/.test(name))).toEqual([]);
    expect(events).toEqual(bareEvents());
  });

  it('loads no library, not the command, not the package relyt-dev, and few files', () => {
    const loaded = loadedBy(importing(entry));

    expect(loaded).toContain('dist/bundle/index.js');
    expect(loaded.filter((file) => LIBRARIES.test(file))).toEqual([]);
    expect(
      loaded.filter((file) => /^dist\/bundle\/(cli\/|command-)|relyt-dev|^dev\//.test(file)),
    ).toEqual([]);
    expect(ownFiles(loaded).length).toBeLessThan(MOST_FILES);
  });

  it('loads the same files when it is required', () => {
    const required = pathToFileURL(path.join(BUNDLE, 'index.cjs')).href;
    const files = ownFiles(
      loadedBy(`createRequire(import.meta.url)(fileURLToPath('${required}'));`),
    );

    expect(files).toContain('dist/bundle/index.cjs');
    expect(['dist/bundle/index.js', ...files].sort()).toEqual(
      ownFiles(loadedBy(importing(entry))).sort(),
    );
  });

  it('leaves what loads records to the first task', () => {
    const loaded = loadedBy(`
      const { BulkProcessor } = await import(${JSON.stringify(entry)});
      await BulkProcessor.create({}).catch(() => {});`);

    // The same patterns find something here, so they would find it above.
    expect(loaded.filter((file) => /node_modules\/pg\//.test(file))).not.toEqual([]);
    expect(loaded.filter((file) => /node_modules\/zod\//.test(file))).not.toEqual([]);
    expect(loaded.some((file) => file.startsWith('dist/bundle/loader-'))).toBe(true);
    // S3 is not needed to find the configuration wrong.
    expect(loaded.filter((file) => /@aws-sdk|@smithy/.test(file))).toEqual([]);
  });
});

describe('the command', () => {
  it('says its version without the rest of the package', () => {
    const loaded = loadedBy(importing(command), ['--version']);

    expect(loaded.filter((file) => LIBRARIES.test(file) && !/commander/.test(file))).toEqual([]);
    expect(commandsIn(loaded)).toEqual([]);
    expect(ownFiles(loaded).length).toBeLessThan(MOST_FILES);
  });

  it('loads the command that is named, and all of them to list them', () => {
    const ofTasks = loadedBy(importing(command), ['tasks', '--help']);
    expect(commandsIn(ofTasks)).toEqual(['tasks']);

    const ofHelp = loadedBy(importing(command), ['--help']);
    expect(commandsIn(ofHelp)).toEqual(COMMANDS);
  });
});

function ownFiles(loaded: readonly string[]): string[] {
  return loaded.filter((file) => file.startsWith('dist/'));
}

/** The commands among the files of the bundle: each begins with its name. */
function commandsIn(loaded: readonly string[]): string[] {
  const names = loaded.map((file) => /^dist\/bundle\/([a-z]+)-[a-z0-9]{8}\.cjs$/.exec(file)?.[1]);
  return COMMANDS.filter((name) => names.includes(name));
}

function importing(module: string): string {
  return `await import(${JSON.stringify(module)});`;
}

/** What a process without the package listens to. */
function bareEvents(): string[] {
  return JSON.parse(evaluate('console.log(JSON.stringify(process.eventNames().map(String)))'));
}

/** Every module the loader was asked for, and every file `require` read; those of this repository by their path in it. */
function loadedBy(program: string, args: readonly string[] = []): string[] {
  const hooks = `
    import { writeSync } from 'node:fs';
    export async function resolve(specifier, context, next) {
      const resolved = await next(specifier, context);
      writeSync(1, resolved.url + '\\n');
      return resolved;
    }`;
  const output = evaluate(
    `
    import { createRequire, register } from 'node:module';
    import { fileURLToPath, pathToFileURL } from 'node:url';
    register('data:text/javascript,' + encodeURIComponent(${JSON.stringify(hooks)}));
    // The command is at work when its module is done.
    process.on('exit', () => {
      const required = Object.keys(createRequire(${JSON.stringify(entry)}).cache);
      for (const file of required) console.log(pathToFileURL(file).href);
    });
    ${program}`,
    args,
  );
  const files = output.trim().split('\n');
  return [...new Set(files.map((url) => url.replace(ROOT, '')))];
}

function evaluate(program: string, given: readonly string[] = []): string {
  // Where a script has its own name, before its arguments.
  const args = ['--input-type=module', '--eval', program, '--', 'relyt', ...given];
  const env = { ...process.env, NODE_OPTIONS: '' };
  // pgpass looks at standard error when it is loaded: a pipe there would be a handle, which is not the package's.
  const stdio: StdioOptions = ['ignore', 'pipe', 'ignore'];
  return execFileSync(process.execPath, args, { encoding: 'utf8', env, stdio, timeout: 30_000 });
}
