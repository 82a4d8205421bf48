/** How an input is to be read; what is left out comes from its name, its first bytes or the rules of COPY. */
export interface FormatOptions {
  readonly format?: 'csv' | 'ndjson' | undefined;
  /** The first CSV record names the columns; default true. */
  readonly header?: boolean | undefined;
  /** One ASCII character between CSV fields; default a comma, or a tab where the file name says so. */
  readonly delimiter?: string | undefined;
  /** One ASCII character around quoted CSV text; default `"`. */
  readonly quote?: string | undefined;
  /** CSV text that, unquoted, means NULL; default nothing at all between two delimiters. */
  readonly nullText?: string | undefined;
  /** Columns of the CSV fields, an empty name to skip one, or the NDJSON keys to load. */
  readonly columns?: readonly string[] | undefined;
}

/** What the user calls the options: messages and hints name them so. */
export type OptionNames = Readonly<
  Record<'format' | 'noHeader' | 'delimiter' | 'quote' | 'nullText' | 'columns', string>
>;

/** As a program writes them; a command has flags instead. */
export const OPTION_NAMES: OptionNames = {
  format: '`format`',
  noHeader: '`header: false`',
  delimiter: '`delimiter`',
  quote: '`quote`',
  nullText: '`nullText`',
  columns: '`columns`',
};
