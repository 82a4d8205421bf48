// `sideEffects: false` is true: importing the package starts nothing and loads no more than it needs.

import { execFileSync, type StdioOptions } from 'node:child_process';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { ensureBuilt } from '../../support/build.ts';

const ROOT = new URL('../../../', import.meta.url).href;
let entry: string;

beforeAll(async () => {
  entry = pathToFileURL(path.join(await ensureBuilt(), 'index.js')).href;
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

  it('loads neither the AWS SDK nor the command nor the package relyt-dev', () => {
    const loaded = loadedModules();

    expect(loaded.some((url) => url.endsWith('/dist/bulk-processor.js'))).toBe(true);
    const inRepository = loaded.map((url) => url.replace(ROOT, ''));
    const unwanted = /@aws-sdk|@smithy|commander|^dist\/cli\/|relyt-dev|^dev\//;
    expect(inRepository.filter((url) => unwanted.test(url))).toEqual([]);
  });
});

/** What a process without the package listens to. */
function bareEvents(): string[] {
  return JSON.parse(evaluate('console.log(JSON.stringify(process.eventNames().map(String)))'));
}

/** URL of every module the loader was asked for, and of every file `require` read. */
function loadedModules(): string[] {
  const hooks = `
    import { writeSync } from 'node:fs';
    export async function resolve(specifier, context, next) {
      const resolved = await next(specifier, context);
      writeSync(1, resolved.url + '\\n');
      return resolved;
    }`;
  const output = evaluate(`
    import { createRequire, register } from 'node:module';
    register('data:text/javascript,' + encodeURIComponent(${JSON.stringify(hooks)}));
    await import(${JSON.stringify(entry)});
    for (const file of Object.keys(createRequire(${JSON.stringify(entry)}).cache)) console.log(file);`);
  return output.trim().split('\n');
}

function evaluate(program: string): string {
  const args = ['--input-type=module', '--eval', program];
  const env = { ...process.env, NODE_OPTIONS: '' };
  // pgpass looks at standard error when it is loaded: a pipe there would be a handle, which is not the package's.
  const stdio: StdioOptions = ['ignore', 'pipe', 'ignore'];
  return execFileSync(process.execPath, args, { encoding: 'utf8', env, stdio, timeout: 30_000 });
}
