/** A frozen file on its way to an import. */
export interface QueuedFile {
  readonly fileId: number;
  readonly lane: number;
  /** Files of one folder go together, and alone, where the database reads whole folders. */
  readonly folder?: string;
}

/**
 * Frozen files waiting for an import, in the order they were frozen.
 *
 * With `ordered`, an import holds files of one lane only, in their order, and one import of a lane runs at a
 * time: together with "equal keys share a lane" that is guarantee G3. Without it (tables where order means
 * nothing) any waiting files may go at any time.
 */
export class ImportQueue<F extends QueuedFile> {
  readonly #ordered: boolean;
  readonly #busy = new Set<number>();
  #waiting: F[] = [];

  constructor(options: { readonly ordered: boolean }) {
    this.#ordered = options.ordered;
  }

  add(file: F): void {
    this.#waiting.push(file);
  }

  /** The files of the next import, at most `limit` or one folder; undefined when nothing may start now. */
  take(limit: number): F[] | undefined {
    const first = this.#waiting.find((file) => !this.#busy.has(file.lane));
    if (first === undefined) return undefined;
    const eligible = this.#ordered
      ? this.#waiting.filter((file) => file.lane === first.lane)
      : this.#waiting;
    const files =
      first.folder === undefined
        ? eligible.slice(0, limit)
        : eligible.filter((file) => file.folder === first.folder);
    const taken = new Set(files);
    this.#waiting = this.#waiting.filter((file) => !taken.has(file));
    if (this.#ordered) this.#busy.add(first.lane);
    return files;
  }

  /** The import of these files ended: their lane may go on. */
  finished(files: readonly F[]): void {
    for (const file of files) this.#busy.delete(file.lane);
  }
}
