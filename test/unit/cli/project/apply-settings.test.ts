// A project file gives options values that variables and flags replace, and a misspelt setting is found.

import { Command, Option } from 'commander';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { nameList, tableArgument, wholeNumber } from '../../../../src/cli/argument-parsers.ts';
import { applySettings } from '../../../../src/cli/project/apply-settings.ts';
import type { ProjectSettings } from '../../../../src/cli/project/project-file.ts';
import { addProjectOption } from '../../../../src/cli/project/project-option.ts';

afterEach(() => vi.unstubAllEnvs());

function optionsOf(settings: ProjectSettings, ...args: readonly string[]) {
  const program = new Command().exitOverride();
  let given: Record<string, unknown> = {};
  program
    .command('load')
    .option('--table <name>', '', tableArgument)
    .option('--batch-size <n>', '', wholeNumber(1))
    .option('--columns <names>', '', nameList)
    .option('--tables <names...>')
    .option('--quiet')
    .option('--no-header')
    .addOption(new Option('--engine <name>').choices(['copy', 'direct']).env('TEST_ENGINE'))
    .action((options) => {
      given = options;
    });
  program.command('migrate').option('--threshold <n>', '', wholeNumber(1));
  program.commands.forEach(addProjectOption);
  applySettings(program, 'load', { path: '/p/relyt.config.json', settings });
  program.parse(['load', ...args], { from: 'user' });
  return given;
}

test('values are parsed as on the command line', () => {
  const settings = {
    ...{ table: 'sales.t', batchSize: 5, columns: ['a', 'b'], tables: ['x', 'y'] },
    ...{ quiet: true, header: false, engine: 'copy' },
  };
  expect(optionsOf(settings)).toMatchObject({
    ...{ table: { schema: 'sales', table: 't' }, batchSize: 5, columns: ['a', 'b'] },
    ...{ tables: ['x', 'y'], quiet: true, header: false, engine: 'copy' },
  });
});

test('flags come before variables, variables before the file, its section before its top', () => {
  const file = { engine: 'copy', batchSize: 1, load: { batchSize: 2 } };
  expect(optionsOf(file)).toMatchObject({ engine: 'copy', batchSize: 2 });
  vi.stubEnv('TEST_ENGINE', 'direct');
  expect(optionsOf(file)).toMatchObject({ engine: 'direct' });
  const flags = ['--engine', 'copy', '--batch-size', '3'];
  expect(optionsOf(file, ...flags)).toMatchObject({ engine: 'copy', batchSize: 3 });
});

test('settings of other commands are passed over', () => {
  const given = optionsOf({ threshold: 5, migrate: { threshold: 6 }, batchSize: 1 });
  expect(given).toMatchObject({ batchSize: 1 });
  expect(given).not.toHaveProperty('threshold');
});

describe('what is refused by name (G8)', () => {
  test.each([
    [{ batchsize: 1 }, /there is no setting "batchsize" \(did you mean "batchSize"\?\)/],
    [{ load: { threshold: 1 } }, /there is no setting "load\.threshold"/],
    [{ load: 5 }, /load: expected an object/],
    [{ batchSize: 'many' }, /batchSize: Expected a whole number/],
    [{ engine: 'fast' }, /engine: /],
    [{ quiet: 'yes' }, /quiet: expected true or false/],
    [{ table: { schema: 'x' } }, /table: expected a string/],
    [{ config: 'other.json' }, /there is no setting "config"/],
  ])('%j', (settings, message) => {
    expect(() => optionsOf(settings)).toThrow(
      expect.objectContaining({
        code: 'CONFIG_INVALID',
        message: expect.stringMatching(message),
        hint: expect.stringContaining('--no-config'),
      }),
    );
  });
});
