/** A staged file on its way to an import. */
export interface QueuedFile {
  readonly fileId: number;
  readonly lane: number;
}

interface Entry<F> {
  file: F;
  frozen: boolean;
}

/**
 * Files waiting for an import, by lane.
 *
 * With `ordered`, a lane's files are handed out strictly in the order they were created and one import of a
 * lane runs at a time: together with "equal keys share a lane" that is guarantee G3. Without it (tables where
 * order means nothing) any frozen file may go at any time.
 */
export class ImportQueue<F extends QueuedFile> {
  readonly #lanes = new Map<number, Entry<F>[]>();
  readonly #busy = new Set<number>();
  readonly #ordered: boolean;

  constructor(options: { readonly ordered: boolean }) {
    this.#ordered = options.ordered;
  }

  /** A file was created; it keeps its place in the lane until it is taken. */
  created(file: F): void {
    const entries = this.#lanes.get(file.lane) ?? [];
    entries.push({ file, frozen: false });
    this.#lanes.set(file.lane, entries);
  }

  /** The file is complete. `file` replaces what `created` was given: its record count is known only now. */
  frozen(file: F): void {
    const entry = this.#lanes
      .get(file.lane)
      ?.find((candidate) => candidate.file.fileId === file.fileId);
    if (entry === undefined) return;
    entry.file = file;
    entry.frozen = true;
  }

  /** The files of the next import, at most `limit`; undefined when nothing may start now. */
  take(limit: number): F[] | undefined {
    for (const [lane, entries] of this.#lanes) {
      if (this.#ordered && this.#busy.has(lane)) continue;
      const files = this.#ready(entries, limit);
      if (files.length === 0) continue;
      const taken = new Set(files.map((file) => file.fileId));
      this.#keep(lane, entries, (entry) => !taken.has(entry.file.fileId));
      this.#busy.add(lane);
      return files;
    }
    return undefined;
  }

  /** The import of these files ended: the lane may go on. */
  finished(files: readonly F[]): void {
    for (const file of files) this.#busy.delete(file.lane);
  }

  /** Files created and not yet taken. */
  get size(): number {
    let size = 0;
    for (const entries of this.#lanes.values()) size += entries.length;
    return size;
  }

  #ready(entries: readonly Entry<F>[], limit: number): F[] {
    const files: F[] = [];
    for (const entry of entries) {
      if (files.length === limit) break;
      if (entry.frozen) files.push(entry.file);
      else if (this.#ordered) break;
    }
    return files;
  }

  #keep(lane: number, entries: readonly Entry<F>[], wanted: (entry: Entry<F>) => boolean): void {
    const left = entries.filter(wanted);
    if (left.length === 0) this.#lanes.delete(lane);
    else this.#lanes.set(lane, left);
  }
}
