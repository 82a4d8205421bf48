// The guide names for every command the call that does the same: both exist, and no command is missing.

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { Connected } from '../../../src/connected.ts';
import * as api from '../../../src/index.ts';
import { ROOT, readPage } from './code-blocks.ts';

/** For the terminal only. */
const WITHOUT_CALL = ['completion', 'dev'];

const COMMANDS = readdirSync(path.join(ROOT, 'src/cli/commands'))
  .map((name) => path.basename(name, '.ts'))
  .filter((name) => !WITHOUT_CALL.includes(name));

/** Command → what its row says. */
const ROWS = new Map(
  [...readPage('docs/guide/operate.md').matchAll(/^\| `relyt (\w+)` \| (.*) \|$/gm)].map(
    ([, command = '', calls = '']) => [command, calls] as const,
  ),
);

/** `relyt.gc(options)` → relyt, gc. */
function callsIn(text: string) {
  return [...text.matchAll(/`(?:(\w+)\.)?(\w+)\([^`]*\)`/g)].map(([, owner, name = '']) => {
    return { owner, name };
  });
}

function exists({ owner, name }: { owner: string | undefined; name: string }): boolean {
  if (owner === 'relyt') return Object.hasOwn(Connected.prototype, name);
  const holder: object = owner === undefined ? api : (Reflect.get(api, owner) as object);
  return typeof Reflect.get(holder, name) === 'function';
}

/** Of the command, with what stands in a folder of its name. */
function sourceOf(command: string): string {
  const folder = path.join(ROOT, 'src/cli', command);
  const own = existsSync(folder) ? readdirSync(folder).map((name) => path.join(folder, name)) : [];
  const files = [path.join(ROOT, `src/cli/commands/${command}.ts`), ...own];
  return files.map((file) => readFileSync(file, 'utf8')).join('\n');
}

describe('the table of commands and calls', () => {
  it('has every command but those of the terminal', () => {
    expect([...ROWS.keys()].sort()).toEqual(COMMANDS.sort());
  });

  it.each([...ROWS])('names calls for %s that exist', (_command, text) => {
    const calls = callsIn(text);
    expect(calls.length).toBeGreaterThan(0);
    expect(calls.filter((call) => !exists(call))).toEqual([]);
  });

  it('names the call of the handle that its command makes', () => {
    for (const [command, text] of ROWS) {
      if (command === 'load') continue;
      const made = [...sourceOf(command).matchAll(/(?:handleOf\([^;]*?\)|\brelyt)\.(\w+)\(/g)];
      const named = callsIn(text).map(({ name }) => name);
      expect(
        made.some(([, name = '']) => named.includes(name)),
        command,
      ).toBe(true);
    }
  });

  it('knows a call that does not exist', () => {
    expect(callsIn('`relyt.gc(x)` and `relyt.nothing()`').filter((call) => !exists(call))).toEqual([
      { owner: 'relyt', name: 'nothing' },
    ]);
  });
});
