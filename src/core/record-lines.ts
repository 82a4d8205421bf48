/**
 * From an ordinal on, the line of a record in its source is its ordinal plus the shift; null where it is not known.
 * Most files are one such run: lines and ordinals go up side by side.
 */
export type LineRun = readonly [ordinal: number, shift: number | null];

/** Most runs kept of a staged file. What follows them is not known: a wrong line would be worse than none. */
const MOST_RUNS = 20_000;

/** The lines of the records of a staged file, added in the order of their ordinals. */
export class RecordLines {
  readonly #runs: LineRun[] = [];
  /** Of the last run. */
  #shift: number | null = null;

  add(ordinal: number, line: number | undefined): void {
    const shift = line === undefined ? null : line - ordinal;
    if (shift !== this.#shift) this.#startRun(ordinal, shift);
  }

  #startRun(ordinal: number, shift: number | null): void {
    const known = this.#runs.length >= MOST_RUNS ? null : shift;
    if (known === this.#shift) return;
    this.#runs.push([ordinal, known]);
    this.#shift = known;
  }

  /** Empty when no line is known. */
  get runs(): readonly LineRun[] {
    return this.#runs;
  }
}

/** The line of a record of the file; undefined when it is not known. */
export function lineOf(runs: readonly LineRun[], ordinal: number): number | undefined {
  const shift = runs.findLast(([from]) => from <= ordinal)?.[1] ?? null;
  return shift === null ? undefined : ordinal + shift;
}
