// Every command of a page is run by test/integration/docs/commands.test.ts, or is listed here with the reason why not.

import { existsSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { pages, ROOT, readPage } from './code-blocks.ts';
import { allShellCommands, NOT_RUN } from './shell-blocks.ts';

describe('commands of pages', () => {
  const commands = allShellCommands().map(({ command }) => command);

  it('are found', () => {
    expect(commands.length).toBeGreaterThan(30);
    expect(commands).toContain('npx relyt load people.csv --table people');
  });

  it.each(NOT_RUN)('$command is still shown, and $by exists', ({ command, by }) => {
    expect(commands.some((one) => command.test(one))).toBe(true);
    if (by !== undefined) expect(existsSync(path.join(ROOT, by)), by).toBe(true);
  });
});

/** What a test checks in blocks of a language. */
const CHECKED_BY: Readonly<Record<string, string>> = {
  ts: 'test/unit/docs/examples-compile.test.ts',
  js: 'test/unit/docs/examples-compile.test.ts',
  sh: 'test/integration/docs/commands.test.ts',
  sql: 'test/integration/docs/blocks.test.ts',
  json: 'test/integration/docs/blocks.test.ts',
};
/** What is no code of a language that anything here could check: output, diagrams, and settings of Greenplum. */
const UNCHECKED = ['text', 'ini', ''];

describe('blocks of pages', () => {
  it.each(pages())('of %s are in a language that a test checks', (page) => {
    const opened = readPage(page)
      .match(/^\s*```.*$/gm)
      ?.filter((_, index) => index % 2 === 0)
      .map((fence) => fence.trim().slice(3));
    const unknown = opened?.filter((one) => !(one in CHECKED_BY) && !UNCHECKED.includes(one));
    expect(unknown ?? []).toEqual([]);
  });

  it.each(Object.entries(CHECKED_BY))('of %s are checked by %s', (_, file) => {
    expect(existsSync(path.join(ROOT, file))).toBe(true);
  });
});
