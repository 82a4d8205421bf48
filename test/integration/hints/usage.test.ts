// G8: where a command line is wrong, the help that the hint names shows what is right.

import { expect, test } from 'vitest';
import { wordsOf } from '../../support/shell.ts';
import { relyt } from '../cli/relyt.ts';
import { hintedCommands } from './hinted.ts';

test.each([
  [['load'], ['relyt --help', 'relyt COMMAND --help'], { COMMAND: 'load' }, /--table/],
  [['init', '--view'], ['relyt init --help'], {}, /--routing/],
])('%j', async (args, commands, values, shows) => {
  const refused = await relyt(args);
  expect(refused.code).toBe(2);
  expect(hintedCommands(refused.stderr)).toEqual(commands);
  const helps: string[] = [];
  for (const command of commands) {
    const filled = Object.entries(values).reduce((text, [a, b]) => text.replace(a, b), command);
    const { code, stdout } = await relyt(wordsOf(filled).slice(1));
    expect(code).toBe(0);
    helps.push(stdout);
  }
  expect(helps.at(-1)).toMatch(shows);
});
