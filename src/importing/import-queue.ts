import { type Layout, sameLayout } from '../core/layout.ts';

/** A frozen file on its way to an import. */
export interface QueuedFile {
  readonly fileId: number;
  readonly lane: number;
  /** Of the process that staged it: another one may have spread the keys over the lanes otherwise. */
  readonly epoch: number;
  /** An import reads files of one layout. */
  readonly layout: Layout;
  /** Files of one folder go together, and alone, where the database reads whole folders. */
  readonly folder?: string;
}

/**
 * Frozen files waiting for an import, in the order they were frozen.
 *
 * With `ordered`, an import holds files of one lane only, in their order, and one import of a lane runs at a
 * time: together with "equal keys share a lane" that is guarantee G3. Which lane a key has depends on how it is
 * written and on the process, so files of another layout or epoch wait until all before them are imported. Without it (tables where order
 * means nothing) any waiting files of one layout may go at any time.
 */
export class ImportQueue<F extends QueuedFile> {
  readonly #ordered: boolean;
  /** Those that imports under way have taken. */
  readonly #running = new Map<number, F>();
  #waiting: F[] = [];

  constructor(options: { readonly ordered: boolean }) {
    this.#ordered = options.ordered;
  }

  add(file: F): void {
    this.#waiting.push(file);
  }

  /**
   * The files of the next import, at most `limit` or one folder; undefined when nothing may start now.
   * @param slots imports that may start now: without an order they share what waits, so that the last ones end together
   */
  take(limit: number, slots = 1): F[] | undefined {
    const eligible = this.#ordered ? this.#inOrder() : this.#waiting;
    const [first] = eligible;
    if (first === undefined) return undefined;
    const together = eligible.filter((file) => this.#goesWith(file, first));
    const share = this.#ordered ? limit : Math.min(limit, Math.ceil(together.length / slots));
    const files = first.folder === undefined ? together.slice(0, share) : together;
    for (const file of files) this.#running.set(file.fileId, file);
    this.#waiting = this.#waiting.filter((file) => !this.#running.has(file.fileId));
    return files;
  }

  /** The import of these files ended: their lane may go on. */
  finished(files: readonly F[]): void {
    for (const file of files) this.#running.delete(file.fileId);
  }

  /** Files of free lanes, up to the first whose keys are spread otherwise than those before it. */
  #inOrder(): F[] {
    const running = [...this.#running.values()];
    const [before = this.#waiting[0]] = running;
    if (before === undefined) return [];
    const end = this.#waiting.findIndex((file) => !areSpreadAlike(file, before));
    const same = end < 0 ? this.#waiting : this.#waiting.slice(0, end);
    const busy = new Set(running.map(({ lane }) => lane));
    return same.filter(({ lane }) => !busy.has(lane));
  }

  #goesWith(file: F, first: F): boolean {
    const inLane = !this.#ordered || file.lane === first.lane;
    return inLane && file.folder === first.folder && sameLayout(file.layout, first.layout);
  }
}

function areSpreadAlike(a: QueuedFile, b: QueuedFile): boolean {
  return a.epoch === b.epoch && sameLayout(a.layout, b.layout);
}
