import { ERROR_CODES } from '../../dist/errors.js';
import { code, page, table } from './markdown.mjs';

const RETRY = {
  auto: 'the same call may succeed later; imports and uploads are already retried by themselves',
  manual: 'trying again helps after you have acted on the hint',
  never: 'trying again gives the same result',
};

/** docs/reference/errors.md, from ERROR_CODES. */
export function errorsPage() {
  const codes = Object.entries(ERROR_CODES).map(([name, { meaning, retry, hint }]) => [
    `<a id="${name.toLowerCase()}"></a>${code(name)}`,
    meaning,
    retry,
    hint,
  ]);
  return page(
    '# Errors',
    'Every error is a `RelytError` with a stable `code`, a `message` that says what failed and where, a `hint` that ' +
      'says what to do, `details` (task, file, record, column, SQLSTATE … as far as known) and the `cause`. ' +
      'Messages and details hold no secrets. The message may quote the start of the value that was refused.',
    table(
      ['retry', 'meaning'],
      Object.entries(RETRY).map(([name, meaning]) => [code(name), meaning]),
    ),
    '## Codes',
    table(['code', 'meaning', 'retry', 'hint'], codes),
  );
}
