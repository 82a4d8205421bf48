import type { ImportCounts } from '../core/import-counts.ts';
import { SQLSTATE } from '../core/sqlstate.ts';
import {
  afterRefusedMerge,
  afterUpserts,
  NO_UPSERTS,
  type UpsertWay,
  upsertWay,
} from '../core/upsert-way.ts';
import type { SpecialWay } from './import-attempt.ts';

/** A key came twice in one statement, or triggers hide what was done. */
const REDUCED_NEXT: readonly string[] = [SQLSTATE.cardinalityViolation, SQLSTATE.changedByTriggers];

/** How an attempt updates. */
export interface Upsert {
  /** Keys are reduced first: another import may find out meanwhile that they appear twice. */
  readonly reduceKeys: boolean;
  /** Where keys are not reduced, and the table allows both ways. */
  readonly upsertBy: UpsertWay;
}

/** What an import has met so far. */
export interface UpsertRun {
  upsert: Upsert;
  /** MERGE met a key that it had not seen: twice in the files, of another session, or of a bad record. */
  mergeRefused: boolean;
}

/** An attempt that has failed. */
export interface TriedUpsert extends UpsertRun {
  readonly tried: SpecialWay | undefined;
}

export const newUpsertRun = (): UpsertRun => ({
  upsert: { reduceKeys: false, upsertBy: 'on conflict' },
  mergeRefused: false,
});

/** How the imports of a task update. What one of them meets decides for the next ones: they will look alike. */
export class Upserts {
  /** Set for good by the first import that had to. */
  #reduceKeys = false;
  #history = NO_UPSERTS;

  /** How the next attempt does it. An isolation takes single rows, of which MERGE makes none faster. */
  begin(run: UpsertRun & { readonly isolate: boolean }): Upsert {
    const reduceKeys = this.#reduceKeys || run.mergeRefused;
    run.upsert = { reduceKeys, upsertBy: run.isolate ? 'on conflict' : upsertWay(this.#history) };
    return run.upsert;
  }

  /** Whether a failure of this SQLSTATE, none of a record yet, means to do it otherwise. */
  doesOtherwise(run: TriedUpsert, code: string | undefined): boolean {
    if (run.upsert.reduceKeys || code === undefined) return false;
    if (REDUCED_NEXT.includes(code)) {
      this.#reduceKeys = true;
      return true;
    }
    if (run.tried !== 'merge' || code !== SQLSTATE.uniqueViolation) return false;
    // Most likely a key appears twice, and the way that reduces keys is right for the other reasons as well.
    run.mergeRefused = true;
    this.#history = afterRefusedMerge(this.#history);
    return true;
  }

  committed({ mergeRefused }: UpsertRun, counts: ImportCounts): void {
    this.#history = afterUpserts(this.#history, counts);
    if (mergeRefused && counts.superseded > 0) this.#reduceKeys = true;
  }
}
