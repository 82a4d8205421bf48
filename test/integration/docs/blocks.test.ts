// Blocks of SQL are SQL to the server, and settings of a project are settings that the command has.

import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { ensureBuilt } from '../../support/build.ts';
import { type CodeBlock, codeBlocks, pages } from '../../unit/docs/code-blocks.ts';
import { ShellWorld } from './shell-world.ts';

const blocksOf = (language: string) =>
  pages()
    .flatMap((page) => codeBlocks(page, language))
    .map((block): [string, CodeBlock] => [`${block.file}:${block.line}`, block]);

const DIVISION_BY_ZERO = '22012';

/** Written for a database whose grammar PostgreSQL's does not have. */
const OTHER_GRAMMAR = /^(?:docs\/guide\/engine-(?:greenplum|relyt)\.md):/;

// A build takes longer than a hook may, on a busy machine.
beforeAll(() => ensureBuilt(), 600_000);

describe('SQL', () => {
  test('of every page is parsed, and queries run where nothing has to be filled in', async () => {
    const world = await ShellWorld.forTest('');
    await world.prepare();
    const failures: string[] = [];
    for (const [place, { code }] of blocksOf('sql')) {
      if (OTHER_GRAMMAR.test(place)) continue;
      const failure = await world.database.query(trial(code)).then(
        () => 'nothing was thrown',
        (error: { code: string; message: string }) => error,
      );
      if (typeof failure === 'string' || failure.code !== DIVISION_BY_ZERO)
        failures.push(`${place}: ${JSON.stringify(failure)}`);
    }
    expect(failures).toEqual([]);
  });
});

/** The server parses all of a text before it executes the first statement. One that fails takes all of it back. */
function trial(sql: string): string {
  return isQuery(sql) ? `${sql};\nselect 1 / 0` : `select 1 / 0;\n${sql}`;
}

/** A query whose values are all there. */
function isQuery(sql: string): boolean {
  return /^\s*(?:--.*\n\s*)*(?:select|with)\b/i.test(sql) && !/PROCESS_ID|…|\$\d|:\w/.test(sql);
}

describe('JSON', () => {
  test.each(blocksOf('json'))('%s is read as relyt.config.json', async (_, { code }) => {
    const world = await ShellWorld.forTest('');
    await world.prepare();
    writeFileSync(path.join(world.folder, 'relyt.config.json'), code);
    expect(await world.run('relyt tasks')).toMatchObject({ code: 0 });
    writeFileSync(
      path.join(world.folder, 'relyt.config.json'),
      code.replace(/{/, '{ "nosuch": 1,'),
    );
    expect((await world.run('relyt tasks')).output).toContain('nosuch');
  });
});
