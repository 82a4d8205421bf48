/** Where the null text of CSV means NULL: by default wherever it stands without quotes. */

import { RelytError } from '../errors.ts';
import { type FormatOptions, OPTION_NAMES, type OptionNames } from './format-options.ts';

/** The null text means NULL in quotes, too. */
export const NULL_IN_QUOTES = 1;
/** The null text without quotes is text. */
export const TEXT_WITHOUT_QUOTES = 2;

/** For each field the sum of the two; undefined where no field departs from the default. */
export type NullRules = Uint8Array | undefined;

/**
 * The rules for fields of these names, '' for a field that is skipped.
 * @throws RelytError CONFIG_INVALID when an option names a column that the input does not have
 */
export function nullRules(
  names: readonly string[],
  { forceNull, forceNotNull }: Pick<FormatOptions, 'forceNull' | 'forceNotNull'>,
  optionNames: OptionNames = OPTION_NAMES,
): NullRules {
  if (forceNull === undefined && forceNotNull === undefined) return undefined;
  const nulls = chosenColumns(names, forceNull, optionNames.forceNull);
  const texts = chosenColumns(names, forceNotNull, optionNames.forceNotNull);
  return Uint8Array.from(
    names,
    (name) => (nulls.has(name) ? NULL_IN_QUOTES : 0) + (texts.has(name) ? TEXT_WITHOUT_QUOTES : 0),
  );
}

function chosenColumns(
  names: readonly string[],
  chosen: readonly string[] | true | undefined,
  option: string,
): ReadonlySet<string> {
  if (chosen === true) return new Set(names);
  const wanted = new Set(chosen);
  wanted.delete('');
  const unknown = [...wanted].find((name) => !names.includes(name));
  if (unknown === undefined) return wanted;
  throw new RelytError(
    'CONFIG_INVALID',
    `${option} names the column ${JSON.stringify(unknown)}, which the input does not have.`,
    { hint: `Name columns that are loaded: ${names.filter((name) => name !== '').join(', ')}.` },
  );
}
