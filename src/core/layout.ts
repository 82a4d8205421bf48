import { RelytError } from '../errors.ts';

/**
 * - `native`: the binary form of the column's type, which its receive function cannot refuse;
 * - `text`: the text of the value, which the import casts to the type.
 */
export type ColumnForm = 'native' | 'text';

/** How a staged file is written: stored with the file, because a task may change it on its way. */
export type Layout =
  | { readonly format: 'csv' }
  /**
   * Tuples of binary COPY without its header, so that several objects can be read as one.
   * - `binary`: the first field is the record's ordinal;
   * - `tuples`: there is none, so a tuple is a row of the target. The ordinals follow from the file row (`RowOrdinals`).
   */
  | { readonly format: 'binary' | 'tuples'; readonly forms: readonly ColumnForm[] };

export const CSV: Layout = { format: 'csv' };

/** As it is stored: `csv`, or `binary:` or `tuples:` and a letter for each staged column. */
export function layoutText(layout: Layout): string {
  if (layout.format === 'csv') return layout.format;
  return `${layout.format}:${layout.forms.map((form) => form.charAt(0)).join('')}`;
}

/**
 * @param text as it was stored; null for a file of an earlier version
 * @param columns how many the file has
 * @throws RelytError BOOKKEEPING_INVALID
 */
export function layoutOf(text: string | null, columns: number): Layout {
  if (text === null || text === 'csv') return CSV;
  const [, format, letters = ''] = /^(binary|tuples):([nt]*)$/.exec(text) ?? [];
  if (format !== undefined && letters.length === columns) {
    return {
      format: format === 'tuples' ? 'tuples' : 'binary',
      forms: Array.from(letters, (l) => (l === 'n' ? 'native' : 'text')),
    };
  }
  throw new RelytError(
    'BOOKKEEPING_INVALID',
    `This version does not know the layout ${JSON.stringify(text)} of a staged file.`,
    { hint: 'Resume the task with the version of relyt-sdk that staged the file, or a later one.' },
  );
}

/** What COPY calls the format of such a file. */
export function copyFormat({ format }: Layout): 'csv' | 'binary' {
  return format === 'csv' ? 'csv' : 'binary';
}

/** Whether the files can be read by one import. */
export function sameLayout(a: Layout, b: Layout): boolean {
  return a === b || layoutText(a) === layoutText(b);
}

/** The form in which a column stands; in CSV every one is text, read by its type's input function. */
export function formOf(layout: Layout, column: number): ColumnForm {
  return layout.format === 'csv' ? 'native' : (layout.forms[column] ?? 'text');
}

/** Of these columns, those that the import casts from text. */
export function textColumnsOf(layout: Layout, columns: readonly string[]): readonly string[] {
  return columns.filter((_, n) => formOf(layout, n) === 'text');
}
