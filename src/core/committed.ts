/** What a process knows to be committed of its task, and whether the database still has it. No clock, no database. */

/** How far the frozen generations of a task go. */
export interface Frozen {
  /** Every record up to this ordinal is frozen or rejected. */
  readonly lastOrdinal: number;
  readonly files: number;
}

/** What is in the database of a task. */
export interface CommittedCounts {
  readonly frozen: Frozen;
  readonly importedFiles: number;
  /** Records in the imports: inserted, updated, skipped, superseded or rejected. */
  readonly importedRecords: number;
  /** Records kept as rejected. */
  readonly rejects: number;
}

const NOTHING_COMMITTED: CommittedCounts = {
  frozen: { lastOrdinal: 0, files: 0 },
  importedFiles: 0,
  importedRecords: 0,
  rejects: 0,
};

/** A committed import, and the imports that were known to be committed before it began. */
export interface CommittedImport {
  readonly importId: number;
  readonly files: number;
  readonly records: number;
  readonly rejects: number;
  readonly after: readonly number[];
}

/**
 * What was confirmed to this process. A database that goes back has all commits up to a point and none after it. So
 * a database that has the newest import has all that were committed before it began. Only these few are asked for.
 */
export class Committed {
  #counts: CommittedCounts = NOTHING_COMMITTED;
  #newestImports: readonly number[] = [];

  /** A resumed task goes on from what the database has. */
  resume(counts: CommittedCounts): void {
    this.#counts = counts;
  }

  get counts(): CommittedCounts {
    return this.#counts;
  }

  /** Imports that tell whether the database has all of them. As many as run at once, at most. */
  get newestImports(): readonly number[] {
    return this.#newestImports;
  }

  /** What is frozen once this generation is. */
  with({ lastOrdinal, files }: Frozen): Frozen {
    const { frozen } = this.#counts;
    return {
      // A generation that brings only a position has no ordinal.
      lastOrdinal: Math.max(frozen.lastOrdinal, lastOrdinal),
      files: frozen.files + files,
    };
  }

  froze(generation: Frozen): void {
    this.#counts = { ...this.#counts, frozen: this.with(generation) };
  }

  rejected(count: number): void {
    this.#counts = { ...this.#counts, rejects: this.#counts.rejects + count };
  }

  imported({ importId, files, records, rejects, after }: CommittedImport): void {
    const { importedFiles, importedRecords } = this.#counts;
    this.#counts = {
      ...this.#counts,
      importedFiles: importedFiles + files,
      importedRecords: importedRecords + records,
    };
    this.rejected(rejects);
    const implied = new Set(after);
    this.#newestImports = [...this.#newestImports.filter((id) => !implied.has(id)), importId];
  }
}

/** What the database lacks of what is known, in words; undefined when it has it all. It may have more. */
export function whatIsMissing(known: CommittedCounts, found: CommittedCounts): string | undefined {
  const lacks = [
    lack('records staged', known.frozen.lastOrdinal, found.frozen.lastOrdinal),
    lack('files staged', known.frozen.files, found.frozen.files),
    lack('files imported', known.importedFiles, found.importedFiles),
    lack('records imported', known.importedRecords, found.importedRecords),
    lack('records rejected', known.rejects, found.rejects),
  ].filter((text) => text !== undefined);
  return lacks.length === 0 ? undefined : lacks.join(', ');
}

function lack(what: string, known: number, found: number): string | undefined {
  return found < known ? `${found} of ${known} ${what}` : undefined;
}
