import { InvalidArgumentError, Option } from 'commander';
import {
  CHANGEABLE_SETTINGS,
  type ChangeableSetting,
  isChangeable,
} from '../core/changeable-setting.ts';
import { nameList, oneOf } from './argument-parsers.ts';

/** What `--allow-change` takes: settings of the task, and the input it reads. */
const ALLOWED_CHANGES = [...CHANGEABLE_SETTINGS, 'source'] as const;

export type AllowedChange = (typeof ALLOWED_CHANGES)[number];

/** `--allow-change onConflict,source`; may be repeated. */
export function allowChangeOption(): Option {
  return new Option(
    '--allow-change <settings>',
    `settings that may differ from the earlier run: ${ALLOWED_CHANGES.join(', ')}`,
  ).argParser(allowedChanges);
}

function allowedChanges(
  text: string,
  before: readonly AllowedChange[] = [],
): readonly AllowedChange[] {
  const names = nameList(text).map(oneOf(ALLOWED_CHANGES));
  const twice = names.find((name) => before.includes(name));
  if (twice !== undefined) throw new InvalidArgumentError(`The name ${twice} appears twice.`);
  return [...before, ...names];
}

/** Those of the settings, which the library compares. */
export function changedSettings(changes: readonly AllowedChange[]): readonly ChangeableSetting[] {
  return changes.filter(isChangeable);
}
