/** Parses arguments, or says what was expected. */

import { InvalidArgumentError } from 'commander';
import { splitTableName, type TableName } from '../core/table-name.ts';

export function wholeNumber(min: number, max: number = Number.MAX_SAFE_INTEGER) {
  return (text: string): number => {
    const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
    if (Number.isSafeInteger(value) && value >= min && value <= max) return value;
    const upper = max === Number.MAX_SAFE_INTEGER ? 'up' : `to ${max}`;
    throw new InvalidArgumentError(`Expected a whole number from ${min} ${upper}.`);
  };
}

/** One more value of an option that may be repeated. */
export function collected(text: string, before: readonly string[] = []): readonly string[] {
  return [...before, text];
}

/** One of these words, in any case. */
export function oneOf<Word extends string>(words: readonly Word[]) {
  return (text: string): Word => {
    const found = words.find((word) => word.toLowerCase() === text.toLowerCase());
    if (found !== undefined) return found;
    throw new InvalidArgumentError(`Expected one of ${words.join(', ')}.`);
  };
}

/** `\t` stands for a tab, which shells make hard to type. */
export function character(text: string): string {
  return text === '\\t' ? '\t' : text;
}

/** `a,b,,c`: an empty name is kept, it skips a field. */
export function nameList(text: string): readonly string[] {
  const names = text.split(',').map((name) => name.trim());
  const given = names.filter((name) => name !== '');
  if (given.length === 0) throw new InvalidArgumentError('Expected names separated by commas.');
  const twice = given.find((name, i) => given.indexOf(name) !== i);
  if (twice !== undefined) throw new InvalidArgumentError(`The name ${twice} appears twice.`);
  return names;
}

const UNIT_SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 };

/** `90s`, `30m`, `24h`, `7d` or `0`, in seconds. */
export function durationSeconds(text: string): number {
  const [match, number = '', unit = 's'] = /^(\d{1,9})([smhd])$/.exec(text) ?? [];
  if (match === undefined && text !== '0')
    throw new InvalidArgumentError('Expected a time such as 30m, 24h or 7d.');
  return Number(number) * (UNIT_SECONDS[unit] ?? 1);
}

/** `schema.table`, or `table` of the schema public. */
export function tableArgument(text: string): TableName {
  const name = splitTableName(text);
  if (name === undefined) throw new InvalidArgumentError('Expected schema.table or table.');
  return { schema: name.schema ?? 'public', table: name.table };
}
