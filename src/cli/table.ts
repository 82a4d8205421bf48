/** Columns of text, for people. */

import { visible } from '../core/control-characters.ts';

export interface TableOptions {
  /** Columns whose texts stand to the right. */
  readonly right?: readonly string[];
}

/** A line of headings and one for each row; the last column is never padded. */
export function textTable(
  headings: readonly string[],
  rows: readonly (readonly string[])[],
  options: TableOptions = {},
): string[] {
  // As wide as they are shown.
  const lines = [headings, ...rows].map((line) => line.map(visible));
  const widths = headings.map((_, i) => Math.max(...lines.map((line) => line[i]?.length ?? 0)));
  const last = headings.length - 1;
  return lines.map((line) =>
    line
      .map((text, i) => {
        const width = widths[i] ?? 0;
        if (options.right?.includes(headings[i] ?? '')) return text.padStart(width);
        return i === last ? text : text.padEnd(width);
      })
      .join('  ')
      .trimEnd(),
  );
}

/** One line of at most `length` characters. */
export function short(text: string, length: number): string {
  const line = visible(text.trim());
  return line.length <= length ? line : `${line.slice(0, length - 1)}…`;
}

/** Lines of at most `width` characters, broken between words; a word that is longer stands alone. */
export function wrapped(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(/\s+/)) {
    const last = lines.at(-1);
    if (last === undefined || last.length + 1 + word.length > width) lines.push(word);
    else lines[lines.length - 1] = `${last} ${word}`;
  }
  return lines;
}
