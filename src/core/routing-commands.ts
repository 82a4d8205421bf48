/** Commands that hints on routing print, as a shell takes them. */

import { shellWord } from '../shell-word.ts';
import { tableWord } from './table-name.ts';

interface Named {
  readonly schema: string;
  readonly name: string;
}

/** The highest that `relyt migrate` takes: no group reaches it. */
const PAST_EVERY_GROUP = 1_000_000_000;

export function setUpCommand({ schema, name }: Named, column?: string): string {
  const command = `relyt init --routing ${tableWord(schema, name)}`;
  return column === undefined ? command : `${command} --group-column ${shellWord(column)}`;
}

/** Makes the view over both tables again. */
export function viewCommand({ schema, name }: Named): string {
  return `relyt init --routing ${tableWord(schema, name)} --view`;
}

/** Ends the moves that are under way, and begins none. */
export function endMovesCommand({ schema, name }: Named): string {
  return `relyt migrate --threshold ${PAST_EVERY_GROUP} --tables ${tableWord(schema, name)}`;
}

/** Takes every group to the main table. */
export function moveBackCommand({ schema, name }: Named): string {
  return `relyt migrate --back --threshold ${PAST_EVERY_GROUP} --tables ${tableWord(schema, name)}`;
}
