import { QUOTE } from '../core/ascii.ts';
import { endOfPlainText } from '../core/json-bytes.ts';
import { FieldNames } from '../records/field-names.ts';

/** A table has at most 1600 columns. */
const MOST_KNOWN = 1600;

export const UNKNOWN_KEY = -1;
/** Keys that are compared before one is looked up, for which it has to become a string. */
const NEAR = 4;

/** The keys that objects of a file had so far, to be found by their bytes. */
export class KnownKeys {
  readonly #jsonColumns: ReadonlySet<string>;
  readonly #met = new Set<string>();
  /** Each with its quotes. */
  #quoted: readonly Buffer[] = [];
  /** By their bytes, each as a character. */
  #byText: ReadonlyMap<string, number> = new Map();
  /** The key that last came after each one; the first is that which begins an object. */
  #followers = new Int32Array(1);
  names: FieldNames;

  constructor(jsonColumns: ReadonlySet<string>) {
    this.#jsonColumns = jsonColumns;
    this.names = new FieldNames([], jsonColumns);
  }

  /** Notes the keys of an object; they are found after `renew`. */
  meet(record: object): void {
    for (const key in record) {
      if (this.#met.has(key) || this.#met.size === MOST_KNOWN) continue;
      // One that has escapes in JSON is not its own bytes.
      if (JSON.stringify(key).length === key.length + 2) this.#met.add(key);
    }
  }

  /** Makes fields of all keys that were met. Those of before keep their number. */
  renew(): void {
    if (this.#met.size === this.names.list.length) return;
    const list = [...this.#met];
    this.names = new FieldNames(list, this.#jsonColumns);
    this.#quoted = list.map((key) => Buffer.from(`"${key}"`));
    this.#byText = new Map(list.map((key, i) => [Buffer.from(key).toString('latin1'), i]));
    this.#followers = new Int32Array(list.length + 1);
  }

  /**
   * Number of the key whose bytes begin here, or UNKNOWN_KEY.
   * @param before the key that came before it in the object; UNKNOWN_KEY at its beginning
   */
  at(bytes: Buffer, from: number, before: number): number {
    const guess = this.#followers[before + 1] as number;
    if (this.#isAt(bytes, from, guess)) return guess;
    const key = bytes[from] === QUOTE ? this.#lookUp(bytes, from, guess) : UNKNOWN_KEY;
    if (key !== UNKNOWN_KEY) this.#followers[before + 1] = key;
    return key;
  }

  /** The byte after a key that begins at `from`. */
  endOf(key: number, from: number): number {
    return from + (this.#quoted[key] as Buffer).length;
  }

  /** Where keys are left out, the next one is not far behind the one that is missing. */
  #lookUp(bytes: Buffer, from: number, guess: number): number {
    const last = Math.min(guess + NEAR, this.#quoted.length - 1);
    for (let key = guess + 1; key <= last; key += 1) if (this.#isAt(bytes, from, key)) return key;
    const end = endOfPlainText(bytes, from + 1);
    if (bytes[end] !== QUOTE) return UNKNOWN_KEY;
    return this.#byText.get(bytes.toString('latin1', from + 1, end)) ?? UNKNOWN_KEY;
  }

  #isAt(bytes: Buffer, from: number, key: number): boolean {
    const quoted = this.#quoted[key] as Buffer;
    for (let i = 0; i < quoted.length; i += 1) if (bytes[from + i] !== quoted[i]) return false;
    return true;
  }
}
