import { shortText } from './short-text.ts';

/** A group as a message names it: on one line, cut, and quoted where its end could not be seen otherwise. */
export function shownGroup(group: string): string {
  const text = shortText(group);
  return text === group && /^[^\s,:;'"]+$/.test(text) ? text : `"${text}"`;
}
