import type { SortedKeys } from './key-order.ts';

export interface ListingQuery {
  readonly prefix: string;
  /** '' for none. */
  readonly delimiter: string;
  /** Only entries after this one; '' for all. */
  readonly after: string;
  readonly maxKeys: number;
}

export interface ListingPage {
  readonly keys: readonly string[];
  /** Prefixes up to and including the delimiter, each standing for all keys below it. */
  readonly commonPrefixes: readonly string[];
  readonly truncated: boolean;
  /** The last entry of the page, key or common prefix: where the next page goes on. */
  readonly last: string;
}

/**
 * One page of a bucket. Keys and common prefixes are one sorted sequence of entries; a page holds those
 * strictly after `after`, so a page that ended with a common prefix never shows it again.
 */
export function listPage(sorted: SortedKeys, query: ListingQuery): ListingPage {
  const { prefix, delimiter, after, maxKeys } = query;
  const keys: string[] = [];
  const commonPrefixes: string[] = [];
  let last = '';
  let index = Math.max(sorted.firstFrom(prefix), after === '' ? 0 : sorted.firstAfter(after));
  for (let key = sorted.at(index); key?.startsWith(prefix); key = sorted.at(index)) {
    const rolledUp = commonPrefix(key, prefix, delimiter);
    if (rolledUp !== undefined && after.startsWith(rolledUp)) {
      index = sorted.firstPast(rolledUp, index);
      continue;
    }
    if (keys.length + commonPrefixes.length >= maxKeys) {
      return { keys, commonPrefixes, truncated: maxKeys > 0, last };
    }
    if (rolledUp === undefined) {
      keys.push(key);
      index += 1;
    } else {
      commonPrefixes.push(rolledUp);
      index = sorted.firstPast(rolledUp, index);
    }
    last = rolledUp ?? key;
  }
  return { keys, commonPrefixes, truncated: false, last };
}

function commonPrefix(key: string, prefix: string, delimiter: string): string | undefined {
  if (delimiter === '') return undefined;
  const end = key.indexOf(delimiter, prefix.length);
  return end < 0 ? undefined : key.slice(0, end + delimiter.length);
}
