/** A connection string, in either of the forms that libpq reads: a URI, or key=value pairs. */

import { RelytError } from '../../errors.ts';
import { uriOptions } from './connection-uri.ts';
import { type ConnectionOptions, checkedOptions } from './keywords.ts';

const PLACE = 'the connection string';

/** Blanks, a name, `=`, and a value in quotes or without blanks; a backslash takes the next character as it is. */
const PAIR =
  /\s*([^\s=]+)\s*=\s*(?:'((?:[^'\\]|\\[\s\S])*)'|((?:[^\s\\']|\\[\s\S])(?:[^\s\\]|\\[\s\S])*)?)(?=\s|$)/y;

/** @throws RelytError CONFIG_INVALID, which quotes nothing of the text but the names of known options */
export function connectionOptions(text: string): ConnectionOptions {
  if (/^postgres(ql)?:\/\//.test(text)) return checkedOptions(uriOptions(text), PLACE);
  if (/^\s*\w*\s*=/.test(text)) return checkedOptions(pairsOf(text), PLACE);
  throw new RelytError(
    'CONFIG_INVALID',
    'The connection string is not postgres://…, postgresql://… or key=value pairs.',
    {
      hint: 'Write it as postgresql://user:password@host:port/database, or as host=… dbname=… user=….',
    },
  );
}

function* pairsOf(text: string): Generator<readonly [string, string]> {
  const end = text.trimEnd().length;
  const pair = new RegExp(PAIR);
  while (pair.lastIndex < end) {
    const match = pair.exec(text);
    if (match === null) {
      throw new RelytError(
        'CONFIG_INVALID',
        'The key=value pairs of the connection string are malformed.',
        {
          hint: "Write each as key=value. Put a value with spaces into single quotes, and \\ before a ' or \\ in it.",
        },
      );
    }
    const [, name = '', quoted, plain] = match;
    yield [name, (quoted ?? plain ?? '').replace(/\\([\s\S])/g, '$1')];
  }
}
