import type { FormatName } from './format.ts';

/** How an input is to be read; what is left out comes from its name, its first bytes or the rules of COPY. */
export interface FormatOptions {
  readonly format?: FormatName | undefined;
  /** The first record names the columns; default true for CSV, false for text. */
  readonly header?: boolean | undefined;
  /** One ASCII character between fields; default a comma, or a tab for text and where the file name says so. */
  readonly delimiter?: string | undefined;
  /** One ASCII character around quoted CSV text; default `"`. */
  readonly quote?: string | undefined;
  /** One ASCII character that, inside quotes, makes a quote or itself literal; default the quote, which so is doubled. */
  readonly escape?: string | undefined;
  /** Text that, unquoted, means NULL; default nothing at all between two delimiters, and `\\N` in text. */
  readonly nullText?: string | undefined;
  /** Columns where the null text means NULL even when it is quoted; true for all of them. */
  readonly forceNull?: readonly string[] | true | undefined;
  /** Columns where the null text, unquoted, is text; true for all of them. */
  readonly forceNotNull?: readonly string[] | true | undefined;
  /** Lines before the header, or before the first record, that are not read. */
  readonly skipLines?: number | undefined;
  /** Of the text, as PostgreSQL or the WHATWG Encoding Standard names it; default UTF-8. */
  readonly encoding?: string | undefined;
  /** Columns of the CSV fields, an empty name to skip one, or the NDJSON keys to load. */
  readonly columns?: readonly string[] | undefined;
}

/** What the user calls the options: messages and hints name them so. */
export type OptionNames = Readonly<
  Record<
    | 'format'
    | 'noHeader'
    | 'delimiter'
    | 'quote'
    | 'escape'
    | 'nullText'
    | 'forceNull'
    | 'forceNotNull'
    | 'skipLines'
    | 'columns',
    string
  >
>;

/** As a program writes them; a command has flags instead. */
export const OPTION_NAMES: OptionNames = {
  format: '`format`',
  noHeader: '`header: false`',
  delimiter: '`delimiter`',
  quote: '`quote`',
  escape: '`escape`',
  nullText: '`nullText`',
  forceNull: '`forceNull`',
  forceNotNull: '`forceNotNull`',
  skipLines: '`skipLines`',
  columns: '`columns`',
};
