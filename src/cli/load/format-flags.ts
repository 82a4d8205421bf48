/** How the input is to be read, as the flags of `relyt load` say it. */

import { type Command, Option } from 'commander';
import { FORMATS, type FormatName } from '../../input/format.ts';
import type { FormatOptions, OptionNames } from '../../input/format-options.ts';
import { character, nameList, wholeNumber } from '../argument-parsers.ts';

export interface FormatFlags {
  readonly format?: FormatName;
  readonly header?: boolean;
  readonly delimiter?: string;
  readonly quote?: string;
  readonly escape?: string;
  readonly null?: string;
  readonly forceNull?: readonly string[] | true;
  readonly forceNotNull?: readonly string[] | true;
  readonly skipLines?: number;
  readonly encoding?: string;
  readonly columns?: readonly string[];
}

/** The options of the format by their flags, for messages and hints. */
export const FORMAT_FLAGS: OptionNames = {
  format: '--format',
  noHeader: '--no-header',
  delimiter: '--delimiter',
  quote: '--quote',
  escape: '--escape',
  nullText: '--null',
  forceNull: '--force-null',
  forceNotNull: '--force-not-null',
  skipLines: '--skip-lines',
  columns: '--columns',
};

export function addFormatFlags(command: Command): Command {
  return command
    .addOption(new Option('--format <format>', 'format of the input').choices(FORMATS))
    .option('--header', 'the first record names the columns; default for CSV')
    .option('--no-header', 'the first record is data; default for text')
    .option('--delimiter <character>', 'separator of fields; \\t is a tab', character)
    .option('--quote <character>', 'quote around CSV text', character)
    .option('--escape <character>', 'before a quote inside CSV text; default the quote', character)
    .option('--null <text>', 'unquoted text that means NULL')
    .option(
      '--force-null [names]',
      'columns where --null counts in quotes too; default all',
      nameList,
    )
    .option('--force-not-null [names]', 'columns where --null is text; default all', nameList)
    .option('--skip-lines <n>', 'lines to skip before the header', wholeNumber(0))
    .option('--encoding <name>', 'encoding of the text, such as LATIN1 or utf-16le; default UTF-8')
    .option('--columns <names>', 'columns of the CSV fields, or NDJSON keys to load', nameList);
}

export function formatOf(flags: FormatFlags): FormatOptions {
  const { null: nullText, format, header, delimiter, quote, columns } = flags;
  const { escape: escapeCharacter, forceNull, forceNotNull, skipLines, encoding } = flags;
  return {
    format,
    header,
    delimiter,
    quote,
    escape: escapeCharacter,
    nullText,
    forceNull,
    forceNotNull,
    skipLines,
    encoding,
    columns,
  };
}
