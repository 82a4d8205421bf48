import type { StagedLayout } from '../operations/show-task.ts';

/** `csv`, `binary`, or `binary with a, b as text`. */
export function shownLayout({ format, textColumns }: StagedLayout): string {
  return textColumns.length === 0 ? format : `${format} with ${textColumns.join(', ')} as text`;
}
