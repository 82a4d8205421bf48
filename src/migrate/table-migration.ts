import { setTimeout as delay } from 'node:timers/promises';
import { SQLSTATE } from '../core/sqlstate.ts';
import { failureCode } from '../database/database-error.ts';
import {
  type MoveDirection,
  type MoveRow,
  moveOf,
  movesOf,
} from '../database/statements/move-row.ts';
import { WatchedStep } from '../diagnostics/watched-step.ts';
import { RelytError } from '../errors.ts';
import { finishMove } from './batched-move.ts';
import { candidatesOf, directionOf, movesInBatches } from './candidates.ts';
import { beginMove, takeOverMove } from './claim-move.ts';
import { isOfGroup, moveFailure } from './group-failure.ts';
import { type HeldMove, MoveLostError } from './held-move.ts';
import type { MigrationProgress } from './migrate-options.ts';
import type { MigratedTable } from './migrated-table.ts';
import type { FailedGroup, MovedGroup } from './migration-report.ts';
import { noteEmptied } from './note-moved.ts';
import { moveWholeGroup } from './whole-group.ts';

const LOOK_AGAIN_MS = 300;

/** What the migration of one table has done so far; stays as it is when the migration is stopped or fails. */
export class TableMigrationRun {
  readonly direction: MoveDirection;
  readonly moved: MovedGroup[] = [];
  readonly failed: FailedGroup[] = [];
  readonly leftToOthers: string[] = [];
  /** Groups past the threshold that were not begun. */
  remaining = 0;
  readonly #migrated: MigratedTable;
  #groupsTotal = 0;

  constructor(migrated: MigratedTable) {
    this.#migrated = migrated;
    this.direction = directionOf(migrated);
  }

  /** Returns false when the signal stopped it. */
  async run(maxGroups: number): Promise<boolean> {
    try {
      const alive = await this.#finishOlderMoves();
      await this.#moveCandidates(maxGroups);
      for (const row of alive) await this.#lookAgain(row);
      if (this.#movesBack()) await noteEmptied(this.#migrated);
      return true;
    } catch (error) {
      if (this.#isStop(error)) return false;
      throw error;
    }
  }

  /** An earlier migration may have moved the last group back, and not come to its end. */
  #movesBack(): boolean {
    return [this, ...this.moved].some(({ direction }) => direction === 'to-main');
  }

  /** Moves that an earlier migration left; returns those whose process may be alive. */
  async #finishOlderMoves(): Promise<MoveRow[]> {
    const alive: MoveRow[] = [];
    const { database, mainTable } = this.#migrated;
    for (const row of await database.query<MoveRow>(movesOf(mainTable))) {
      if (row.lease_left_seconds > 0 || !(await this.#resume(row))) alive.push(row);
    }
    return alive;
  }

  /** A group that failed just now, or whose move could not be ended, is not tried again. */
  async #moveCandidates(maxGroups: number): Promise<void> {
    const { signal } = this.#migrated.options;
    const failed = new Set(this.failed.map(({ group }) => group));
    const found = (await candidatesOf(this.#migrated)).filter(({ group }) => !failed.has(group));
    const before = this.moved.length;
    this.#groupsTotal = before + Math.min(found.length, maxGroups);
    this.remaining = found.length;
    for (const { group, rows } of found) {
      if (this.moved.length - before >= maxGroups) return;
      signal.throwIfAborted();
      await this.#moveCandidate(group, rows);
      this.remaining--;
    }
  }

  async #moveCandidate(group: string, rows: number): Promise<void> {
    const { direction } = this;
    await this.#attempt({ group, direction }, async () => {
      const started = performance.now();
      if (movesInBatches(this.#migrated, rows)) {
        const begun = await beginMove(this.#migrated, { direction, group, rows });
        if (begun !== undefined) {
          const { replaced, dropped, held } = begun;
          await this.#finish(held, { replaced, dropped, resumed: false, started });
          return;
        }
        // Moved or begun by another migration, or routed already: what is left of it moves in one piece.
      }
      const whole = await moveWholeGroup(this.#migrated, direction, group);
      if (whole === undefined) {
        this.leftToOthers.push(group);
        return;
      }
      const seconds = since(started);
      this.moved.push({ group, direction, ...whole, how: 'whole', resumed: false, seconds });
      this.#tell(group, 'move', { rows: whole.rows, rowsTotal: whole.rows });
    });
  }

  /** Returns false when its process is alive, or another one was faster. */
  async #resume(row: MoveRow): Promise<boolean> {
    const { routing_id: group, direction } = row;
    const isTaken = await this.#attempt({ group, direction }, async () => {
      const started = performance.now();
      const held = await takeOverMove(this.#migrated, row);
      if (held === undefined) return false;
      await this.#finish(held, { replaced: 0, dropped: 0, resumed: true, started });
      return true;
    });
    return isTaken ?? true;
  }

  async #finish(
    held: HeldMove,
    {
      started,
      ...counts
    }: Pick<MovedGroup, 'replaced' | 'dropped' | 'resumed'> & { readonly started: number },
  ): Promise<void> {
    const { group, direction, rowsTotal } = held;
    try {
      const rows = await finishMove(this.#migrated, held, (step, rows) =>
        this.#tell(group, step, { rows, rowsTotal }),
      );
      const seconds = since(started);
      this.moved.push({ group, direction, rows, ...counts, how: 'batches', seconds });
      this.#tell(group, 'clean', { rows, rowsTotal });
    } catch (error) {
      if (!(error instanceof MoveLostError)) throw error;
      this.leftToOthers.push(group);
    }
  }

  /** A move whose process lived when we began: it is over by now, or alive, or its lease runs out while we wait. */
  async #lookAgain(seen: MoveRow): Promise<void> {
    const { database, mainTable, options } = this.#migrated;
    for (;;) {
      const [row] = await database.query<MoveRow>(moveOf(mainTable, seen.routing_id));
      if (row === undefined) return;
      const lives = row.epoch !== seen.epoch || row.heartbeat !== seen.heartbeat;
      if (lives || (row.lease_left_seconds <= 0 && !(await this.#resume(row)))) {
        this.leftToOthers.push(seen.routing_id);
        return;
      }
      if (row.lease_left_seconds <= 0) return;
      await delay(LOOK_AGAIN_MS, undefined, { signal: options.signal });
    }
  }

  /**
   * One group that cannot move does not stop the others: it is reported, and undefined returned. What would stop every
   * group is thrown, with the name of the group it was met with.
   */
  async #attempt<T>(
    { group, direction }: Pick<FailedGroup, 'group' | 'direction'>,
    work: () => Promise<T>,
  ): Promise<T | undefined> {
    const before = this.moved.length;
    const { mainTable } = this.#migrated;
    const step = WatchedStep.begin('relyt:migrate', () => ({ table: mainTable, group, direction }));
    try {
      const done = await work();
      const moved = this.moved[before];
      step?.end(moved === undefined ? {} : { rows: moved.rows });
      return done;
    } catch (error) {
      if (this.#isStop(error)) {
        step?.fail(new RelytError('ABORTED', 'The migration was stopped by its signal.'));
        throw error;
      }
      const failure = moveFailure(this.#migrated, group, error);
      step?.fail(failure);
      if (!isOfGroup(failure)) throw failure;
      const { code, message, hint, details } = failure;
      this.failed.push({ group, direction, code, message, hint, details });
      return undefined;
    }
  }

  #isStop(error: unknown): boolean {
    const { signal } = this.#migrated.options;
    if (!signal.aborted) return false;
    const name = error instanceof Error ? error.name : '';
    return (
      error === signal.reason ||
      name === 'AbortError' ||
      failureCode(error) === SQLSTATE.queryCanceled
    );
  }

  #tell(group: string, step: MigrationProgress['step'], rows: { rows: number; rowsTotal: number }) {
    const { mainTable, options } = this.#migrated;
    const groups = this.moved.length;
    const groupsTotal = Math.max(this.#groupsTotal, groups);
    options.onProgress({ table: mainTable, group, step, ...rows, groups, groupsTotal });
  }
}

function since(started: number): number {
  return (performance.now() - started) / 1000;
}
