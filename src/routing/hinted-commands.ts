/** Commands that hints on routing print, as a shell takes them. */

import { shellWord } from '../core/shell-word.ts';
import { tableWord } from '../core/table-name.ts';

interface Named {
  readonly schema: string;
  readonly name: string;
}

/** The highest that `relyt migrate` takes: no group reaches it. */
const PAST_EVERY_GROUP = 1_000_000_000;

export function setUpCommand({ schema, name }: Named, column?: string): string {
  const named = column === undefined ? '' : ` --group-column ${shellWord(column)}`;
  return `relyt init --routing ${tableWord(schema, name)}${named}`;
}

/** Ends the moves that are under way, and begins none. */
export function endMovesCommand({ schema, name }: Named): string {
  return `relyt migrate --tables ${tableWord(schema, name)} --threshold ${PAST_EVERY_GROUP}`;
}

/** Takes every group to the main table. */
export function moveBackCommand(main: Named): string {
  return `${endMovesCommand(main)} --back`;
}
