// G8: a test executes every command that a hint or a message prints. A new one needs a test that provokes it, takes it
// out of the hint as it is printed, runs it, and shows that it helped; and a line here.

import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { ERROR_CODES } from '../../../src/errors.ts';
import { ROOT, readPage } from './code-blocks.ts';

const CODES = 'cli/hints.test.ts';
const OF_CODES = Object.values(ERROR_CODES).flatMap(({ hint }) => commandsIn(hint));

/** Commands as sources have them, with `*` in the place of what is filled in, and the test that executes them. */
const EXECUTED: Readonly<Record<string, string>> = {
  'relyt --help': 'hints/usage.test.ts',
  'relyt COMMAND --help': 'hints/usage.test.ts',
  'relyt abort *': 'hints/lost-files.test.ts',
  'relyt abort PROCESS_ID': 'hints/tasks.test.ts',
  'relyt abort PROCESS_ID --force': 'hints/tasks.test.ts',
  'relyt dev': 'cli/dev.test.ts',
  'relyt doctor': CODES,
  'relyt engines': 'cli/engines.test.ts',
  'relyt errors *': 'hints/tasks.test.ts',
  'relyt errors * --format ndjson > rejected.ndjson': 'cli/load-refused.test.ts',
  'relyt gc': 'hints/left-in-s3.test.ts',
  'relyt init': CODES,
  'relyt init --allow-location * --role ROLE': 'hints/access.test.ts',
  'relyt init --help': 'hints/usage.test.ts',
  'relyt init --print-sql': CODES,
  'relyt init --role *': 'hints/access.test.ts',
  'relyt init --role ROLE': CODES,
  'relyt init --routing': 'hints/routing.test.ts',
  'relyt init --routing *': 'hints/routing.test.ts',
  'relyt init --routing * --view': 'trust/foreign-code.test.ts',
  'relyt init --s3-endpoint … --s3-bucket …': CODES,
  'relyt init --s3-…': CODES,
  'relyt load … --anew': 'hints/lost-files.test.ts',
  'relyt load … --resume *': 'cli/interrupted-load.test.ts',
  'relyt load … --resume PROCESS_ID': 'hints/tasks.test.ts',
  'relyt load … --skip-records *': 'cli/interrupted-load.test.ts',
  'relyt migrate --back --threshold * --tables *': 'hints/routing.test.ts',
  'relyt migrate --threshold * --tables *': 'hints/routing.test.ts',
  'relyt resume *': 'hints/tasks.test.ts',
  'relyt resume * --allow-change source': 'cli/rerun.test.ts',
  'relyt resume * --finish': 'hints/tasks.test.ts',
  'relyt resume PROCESS_ID': 'cli/rerun.test.ts',
  'relyt resume PROCESS_ID --allow-change source': CODES,
  'relyt resume PROCESS_ID --finish': CODES,
  'relyt resume PROCESS_ID FILE': 'hints/tasks.test.ts',
  'relyt show PROCESS_ID': CODES,
  'relyt errors PROCESS_ID --format ndjson > rejected.ndjson': 'cli/uninstall-refused.test.ts',
  'relyt tasks': CODES,
  'relyt uninstall --discard': 'cli/uninstall-refused.test.ts',
  'relyt uninstall --dry-run': 'cli/uninstall-refused.test.ts',
  'relyt uninstall --keep-s3': 'cli/uninstall.test.ts',
  'relyt uninstall --yes': 'cli/uninstall-refused.test.ts',
};

describe('G8: commands that hints print', () => {
  const printed = new Set(sources().flatMap(printedCommands));

  test('are found in all their forms', () => {
    const text = [
      "hint: 'Run `relyt init --role ROLE`, or `relyt tasks`.'",
      'hint: `Abort it (\\`relyt abort $' + '{shellWord(of({ id }))}\\`) and load it.`,',
      'Or give it up: relyt abort PROCESS_ID.',
      '// Comments may name `relyt show` and `relyt any`.',
      'return `Or: relyt resume $' +
        '{id} --max-errors N. Then: relyt abort $' +
        '{id}, and load.`;',
    ].join('\n');
    expect(commandsIn(text)).toEqual([
      'relyt init --role ROLE',
      'relyt tasks',
      'relyt abort *',
      'relyt abort PROCESS_ID',
      'relyt resume * --max-errors N',
      'relyt abort *',
    ]);
  });

  test('are executed, all of them', () => {
    expect([...printed].filter((command) => !(command in EXECUTED)).sort()).toEqual([]);
  });

  test('are listed only while they are printed', () => {
    expect(Object.keys(EXECUTED).filter((command) => !printed.has(command))).toEqual([]);
  });

  test.each(Object.entries(EXECUTED))('%s: by %s', (command, name) => {
    const file = path.join('test/integration', name);
    expect(existsSync(path.join(ROOT, file))).toBe(true);
    // It runs the hint of every code, and need not name their commands.
    if (name === CODES && OF_CODES.includes(command)) return;
    const [, word = ''] = command.split(' ');
    expect(readPage(file).includes(word), `${file} names ${word}`).toBe(true);
  });
});

function sources(): string[] {
  return readdirSync(path.join(ROOT, 'src'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => path.join('src', name));
}

function printedCommands(source: string): string[] {
  return commandsIn(readPage(source));
}

/** In backquotes, or with something filled in; a word that is no part of a command line ends it. */
function commandsIn(source: string): string[] {
  const text = source
    .replace(/^\s*(?:\/\*\*|\*|\/\/).*$/gm, '')
    .replace(/\$\{(?:[^{}]|\{[^{}]*\})*\}/g, '*');
  const word = '(?:\\*|…|>|[A-Z_]+|--[a-z0-9-]+…?|(?<=--[a-z-]+ )[a-zA-Z]+|(?<=> )\\S+?(?=[`\'"]))';
  const command = new RegExp(`(\`?)relyt (--help|COMMAND|[a-z]+\\b)((?: ${word})*)`, 'g');
  return [...text.matchAll(command)]
    .filter(([, quote, , rest = '']) => quote !== '' || /^ (?:\*|…|PROCESS_ID)/.test(rest))
    .map(([, , name, rest]) => `relyt ${name}${rest}`);
}
