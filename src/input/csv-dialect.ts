import { RelytError } from '../errors.ts';

/** How a CSV file is written; meanings and defaults are those of PostgreSQL's COPY. */
export interface CsvDialectOptions {
  /** One ASCII character between fields; default `,`. */
  readonly delimiter?: string | undefined;
  /** One ASCII character around quoted text; default `"`. */
  readonly quote?: string | undefined;
  /** One ASCII character that, inside quotes, takes a quote or itself literally; default the quote, so a quote is doubled. */
  readonly escape?: string | undefined;
  /** Text that, unquoted, means NULL; default nothing at all between two delimiters. */
  readonly nullText?: string | undefined;
}

export type CsvDialect = { readonly [K in keyof CsvDialectOptions]-?: string };

/** Fills in the defaults and refuses what COPY refuses. @throws RelytError CONFIG_INVALID */
export function csvDialect(options: CsvDialectOptions = {}): CsvDialect {
  const { delimiter = ',', quote = '"', nullText = '' } = options;
  const escapeCharacter = options.escape ?? quote;
  requireOneCharacter('delimiter', delimiter);
  requireOneCharacter('quote', quote);
  requireOneCharacter('escape', escapeCharacter);
  if (delimiter === quote) {
    throw invalid('The CSV delimiter and the quote are the same character.');
  }
  if (/[\r\n]/.test(nullText) || nullText.includes(delimiter) || nullText.includes(quote)) {
    throw invalid('The CSV null text holds the delimiter, the quote or a line end.');
  }
  return { delimiter, quote, escape: escapeCharacter, nullText };
}

function requireOneCharacter(name: string, character: string): void {
  if (character.length !== 1 || !/[^\r\n\0]/.test(character) || character > '\x7f') {
    const got = JSON.stringify(character);
    throw invalid(`The CSV ${name} must be one ASCII character, not a line end; got ${got}.`);
  }
}

function invalid(message: string): RelytError {
  return new RelytError('CONFIG_INVALID', message);
}
