import type { Command, Option } from 'commander';
import { nearestName } from '../../core/nearest-name.ts';
import { sentence } from '../../core/sentence.ts';
import { RelytError } from '../../errors.ts';
import type { ProjectFile, ProjectSettings } from './project-file.ts';
import { PROJECT_OPTION } from './project-option.ts';

/**
 * Gives a command the settings of a project file, in which options are called as in code (`batchSize` for
 * `--batch-size`). Those at the top are for every command that knows them, those in an object named like a command for
 * it alone. Flags and variables of the environment come before both.
 * @param program with all commands, because the file is for all of them
 * @throws RelytError CONFIG_INVALID for a setting that no command knows, or a value that its option does not take
 */
export function applySettings(program: Command, name: string, file: ProjectFile): void {
  const { path, settings } = file;
  const command = program.commands.find((one) => one.name() === name);
  if (command === undefined) return;
  const names = program.commands.map((one) => one.name());
  for (const [setting, value] of Object.entries(settings)) {
    if (names.includes(setting)) continue;
    const option = optionOf(command, setting);
    if (option !== undefined) set(command, option, { path, name: setting, value });
    else if (!program.commands.some((one) => optionOf(one, setting)))
      throw unknown(path, setting, program.commands);
  }
  const own = settings[name] ?? {};
  if (!isObject(own)) throw refused(path, `${name}: expected an object of settings`);
  for (const [setting, value] of Object.entries(own)) {
    const option = optionOf(command, setting);
    if (option === undefined) throw unknown(path, `${name}.${setting}`, [command]);
    set(command, option, { path, name: `${name}.${setting}`, value });
  }
}

interface Setting {
  readonly path: string;
  readonly name: string;
  readonly value: unknown;
}

function set(command: Command, option: Option, setting: Setting): void {
  const value = settingValue(option, setting);
  // As weak as a default: commander lets variables and flags replace it.
  command.setOptionValueWithSource(option.attributeName(), value, 'config');
}

function settingValue(option: Option, { path, name, value }: Setting): unknown {
  if (!option.required && !option.optional) {
    if (typeof value === 'boolean') return value;
    throw refused(path, `${name}: expected true or false`);
  }
  const texts = Array.isArray(value) ? value : [value];
  if (!texts.every((text) => typeof text === 'string' || typeof text === 'number'))
    throw refused(path, `${name}: expected a string, a number or an array of them`);
  const parse = option.parseArg;
  if (parse === undefined) return option.variadic ? texts.map(String) : String(texts.join(','));
  try {
    const first = Array.isArray(value) && !option.variadic ? [texts.join(',')] : texts;
    return first.reduce<unknown>((before, text) => parse(String(text), before), undefined);
  } catch (error) {
    throw refused(path, `${name}: ${(error as Error).message}`);
  }
}

/** Which file it is cannot be in the file. */
function optionOf(command: Command, name: string): Option | undefined {
  if (name === PROJECT_OPTION) return undefined;
  return command.options.find((option) => option.attributeName() === name);
}

function unknown(path: string, name: string, commands: readonly Command[]): RelytError {
  const last = name.split('.').at(-1) ?? name;
  const all = commands.flatMap(({ options }) => options.map((option) => option.attributeName()));
  const nearest = nearestName(last, all);
  const meant = nearest === undefined ? '' : ` (did you mean "${nearest}"?)`;
  return refused(path, `there is no setting "${name}"${meant}`);
}

function refused(path: string, what: string): RelytError {
  return new RelytError(
    'CONFIG_INVALID',
    sentence(`The settings in ${path} are not valid: ${what}`),
    {
      hint: 'Correct the file, or use --no-config to ignore it.',
    },
  );
}

function isObject(value: unknown): value is ProjectSettings {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
