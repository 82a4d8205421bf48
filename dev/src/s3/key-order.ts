/** S3 lists keys by their UTF-8 bytes, which is code point order; JavaScript compares UTF-16 units. */

/** Moves surrogates above U+E000-U+FFFF, where their code points belong. */
function codePointRank(unit: number): number {
  if (unit < 0xd800) return unit;
  return unit >= 0xe000 ? unit - 0x800 : unit + 0x2000;
}

/** Negative, zero or positive, as the UTF-8 bytes of `a` sort before, with or after those of `b`. */
export function compareKeys(a: string, b: string): number {
  const shorter = Math.min(a.length, b.length);
  for (let i = 0; i < shorter; i++) {
    const left = a.charCodeAt(i);
    const right = b.charCodeAt(i);
    if (left !== right) return codePointRank(left) - codePointRank(right);
  }
  return a.length - b.length;
}

/** The keys of one bucket, always sorted. Adding and removing cost a binary search and one memory move. */
export class SortedKeys {
  readonly #keys: string[];

  constructor(keys: Iterable<string> = []) {
    this.#keys = [...keys].sort(compareKeys);
  }

  get size(): number {
    return this.#keys.length;
  }

  at(index: number): string | undefined {
    return this.#keys[index];
  }

  /** Index of the first key that is not before `key`. */
  firstFrom(key: string): number {
    return this.#search((candidate) => compareKeys(candidate, key) < 0);
  }

  /** Index of the first key after `key`. */
  firstAfter(key: string): number {
    return this.#search((candidate) => compareKeys(candidate, key) <= 0);
  }

  /** Index of the first key after all keys that begin with `prefix`, searched from `from` on, where one of them stands. */
  firstPast(prefix: string, from: number): number {
    return this.#search((candidate) => candidate.startsWith(prefix), from);
  }

  add(key: string): void {
    const index = this.firstFrom(key);
    if (this.#keys[index] !== key) this.#keys.splice(index, 0, key);
  }

  remove(key: string): void {
    const index = this.firstFrom(key);
    if (this.#keys[index] === key) this.#keys.splice(index, 1);
  }

  /** The first index, from `from` on, for which `before` no longer holds. */
  #search(before: (key: string) => boolean, from = 0): number {
    let low = from;
    let high = this.#keys.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (before(this.#keys[middle] ?? '')) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
