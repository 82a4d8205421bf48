/** Names that collide with those of our SQL, if any can: every word of the golden statements. */

import { readdirSync, readFileSync } from 'node:fs';
import pg from 'pg';
import { RESERVED_COLUMNS } from '../../../src/core/reserved-columns.ts';

const GOLDENS = new URL('../../unit/explain/goldens/', import.meta.url);

/** Keywords, aliases, variables, names of settings and columns alike. */
function wordsOfOurSql(): string[] {
  const texts = readdirSync(GOLDENS).map((name) => readFileSync(new URL(name, GOLDENS), 'utf8'));
  const words = texts.flatMap((text) => text.match(/[A-Za-z_][A-Za-z0-9_]*/g) ?? []);
  return [...new Set(words)].filter((word) => word.length < 64).sort();
}

/** PostgreSQL itself keeps these names. */
const SYSTEM_COLUMNS = ['oid', 'ctid', 'xmin', 'xmax', 'cmin', 'cmax', 'tableoid', 'gp_segment_id'];

const WORDS = wordsOfOurSql().filter(
  (word) => ![...SYSTEM_COLUMNS, ...RESERVED_COLUMNS].includes(word),
);
/** Names of one letter and their neighbours, in whatever SQL comes next. */
const LETTERS = [...'abcdefghijklmnopqrstuvwxyz'];
export const NAMES: readonly string[] = [...new Set([...WORDS, ...LETTERS])];

/** Definitions of text columns of these names. */
export function textColumns(names: readonly string[]): string {
  return names.map((name) => `${pg.escapeIdentifier(name)} text`).join(', ');
}

/** A value for each of them, by which the column can be told. */
export function textsOf(names: readonly string[], n: number): Record<string, string> {
  return Object.fromEntries(names.map((name) => [name, `${name} ${n}`]));
}
