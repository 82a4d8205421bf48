import { RelytError } from '../errors.ts';

export interface TextDialectOptions {
  /** One ASCII character between fields; default a tab. */
  readonly delimiter?: string | undefined;
  /** Text that means NULL; default `\N`. */
  readonly nullText?: string | undefined;
}

export type TextDialect = { readonly [K in keyof TextDialectOptions]-?: string };

/** Letters and digits begin sequences after a backslash, and a dot ends the data. */
const NO_DELIMITER = /^[\\.a-z0-9\r\n\0]$/;

/** Fills in the defaults and refuses what COPY refuses. @throws RelytError CONFIG_INVALID */
export function textDialect(options: TextDialectOptions = {}): TextDialect {
  const { delimiter = '\t', nullText = '\\N' } = options;
  if (delimiter.length !== 1 || delimiter > '\x7f' || NO_DELIMITER.test(delimiter)) {
    const got = JSON.stringify(delimiter);
    throw invalid(
      `The delimiter must be one ASCII character, but no lower-case letter, digit, dot, backslash or line end; got ${got}.`,
    );
  }
  if (/[\r\n]/.test(nullText) || nullText.includes(delimiter)) {
    throw invalid('The null text holds the delimiter or a line end.');
  }
  return { delimiter, nullText };
}

function invalid(message: string): RelytError {
  return new RelytError('CONFIG_INVALID', message);
}
