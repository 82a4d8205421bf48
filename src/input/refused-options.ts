/** Options that say nothing about the format an input has. */

import { RelytError } from '../errors.ts';
import type { InputFormat } from './format.ts';
import { type FormatOptions, OPTION_NAMES, type OptionNames } from './format-options.ts';

type Kind = InputFormat['kind'];
type Option = Exclude<keyof OptionNames, 'format' | 'noHeader' | 'columns'>;

const FORMAT_NAMES: Readonly<Record<Kind, string>> = {
  csv: 'CSV',
  text: 'the text format of COPY',
  ndjson: 'NDJSON',
  json: 'a JSON array',
};

/** The formats each option is for. */
const MEANT_FOR: Readonly<Record<Option, readonly Kind[]>> = {
  delimiter: ['csv', 'text'],
  quote: ['csv'],
  escape: ['csv'],
  nullText: ['csv', 'text'],
  forceNull: ['csv'],
  forceNotNull: ['csv'],
  skipLines: ['csv', 'text'],
};

/** @throws RelytError CONFIG_INVALID when an option is given that is for other formats */
export function refuseOptions(
  kind: Kind,
  format: FormatOptions,
  optionNames: OptionNames = OPTION_NAMES,
): void {
  for (const [name, kinds] of Object.entries(MEANT_FOR)) {
    const option = name as Option;
    if (format[option] === undefined || kinds.includes(kind)) continue;
    const meant = kinds.map((one) => FORMAT_NAMES[one]).join(' and ');
    throw new RelytError(
      'CONFIG_INVALID',
      `${optionNames[option]} is for ${meant}, but the input is ${FORMAT_NAMES[kind]}.`,
      { hint: `Leave it out, or set ${optionNames.format} ${kinds[0]}.` },
    );
  }
}
