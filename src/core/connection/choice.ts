/** Options that are one of a few words. */

import { RelytError } from '../../errors.ts';
import type { ConnectionOptions, Keyword } from './keywords.ts';

interface ChoiceRules {
  /** Default false: libpq compares most of them letter by letter. */
  readonly ignoresCase?: boolean;
  /** What to do about any other word; default: the choices. */
  readonly hint?: string | undefined;
}

/** Which of the choices an option names; undefined where it is not given. @throws RelytError CONFIG_INVALID for others */
export function choiceOf<Choice extends string>(
  options: ConnectionOptions,
  name: Keyword,
  choices: readonly Choice[],
  { ignoresCase = false, hint = `Use one of: ${choices.join(', ')}.` }: ChoiceRules = {},
): Choice | undefined {
  const text = options.get(name);
  if (text === undefined) return undefined;
  const spelled = (word: string) => (ignoresCase ? word.toLowerCase() : word);
  const found = choices.find((choice) => spelled(choice) === spelled(text));
  if (found !== undefined) return found;
  const message = `The option ${name} has a value that relyt does not support.`;
  throw new RelytError('CONFIG_INVALID', message, { hint });
}
