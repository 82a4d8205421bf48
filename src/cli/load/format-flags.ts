/** How the input is to be read, as the flags of `relyt load` say it. */

import { type Command, Option } from 'commander';
import type { FormatOptions, OptionNames } from '../../input/format-options.ts';
import { character, nameList } from '../argument-parsers.ts';

export interface FormatFlags {
  readonly format?: 'csv' | 'ndjson';
  readonly header: boolean;
  readonly delimiter?: string;
  readonly quote?: string;
  readonly null?: string;
  readonly columns?: readonly string[];
}

/** The options of the format by their flags, for messages and hints. */
export const FORMAT_FLAGS: OptionNames = {
  format: '--format',
  noHeader: '--no-header',
  delimiter: '--delimiter',
  quote: '--quote',
  nullText: '--null',
  columns: '--columns',
};

export function addFormatFlags(command: Command): Command {
  return command
    .addOption(new Option('--format <format>', 'format of the input').choices(['csv', 'ndjson']))
    .option('--no-header', 'the first CSV record is data')
    .option('--delimiter <character>', 'separator of CSV fields; \\t is a tab', character)
    .option('--quote <character>', 'quote around CSV text', character)
    .option('--null <text>', 'unquoted CSV text that means NULL')
    .option('--columns <names>', 'columns of the CSV fields, or NDJSON keys to load', nameList);
}

export function formatOf(flags: FormatFlags): FormatOptions {
  const { format, header, delimiter, quote, null: nullText, columns } = flags;
  return { format, header, delimiter, quote, nullText, columns };
}
