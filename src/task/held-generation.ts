import { withinLimit } from '../database/client-state.ts';
import type { Transaction } from '../database/session.ts';
import { waitedFor } from '../database/statements/waited-for.ts';
import type { Condition } from '../importing/condition.ts';
import { GaveWayError } from '../importing/import-attempt.ts';
import type { ClosedGeneration } from '../importing/import-file.ts';
import type { GenerationRows } from './generation-rows.ts';
import type { TaskEnd } from './task-end.ts';

/** Between two looks at whether a session waits for this one. */
const LOOK_MS = 25;
/** How long an import keeps what it has written, whatever the looks tell. */
const GIVES_WAY_MS = 5_000;

export interface HeldTurns {
  /** The generation before this one; undefined when it is committed. */
  readonly before: HeldGeneration | undefined;
  /** Notified of every commit, and of the end of the task. */
  readonly changed: Condition;
  readonly end: Pick<TaskEnd, 'failure' | 'throwIfFailed'>;
  /** What is to be written, given what is committed by then. */
  readonly rows: () => GenerationRows;
  readonly onCommitted: () => void;
  /** It has let go of what it had written, for the one before it. */
  readonly onGaveWay: () => void;
}

/**
 * A generation in memory on its way into the table. Several write their records at once, but each commits after the one
 * before it, so that what is durable is always "every record up to ordinal N".
 */
export class HeldGeneration implements ClosedGeneration {
  readonly #turns: Omit<HeldTurns, 'before'>;
  #before: HeldGeneration | undefined;
  #rows: GenerationRows | undefined;
  #isCommitted = false;

  constructor({ before, ...turns }: HeldTurns) {
    this.#before = before;
    this.#turns = turns;
  }

  get isCommitted(): boolean {
    return this.#isCommitted;
  }

  /** After a failed attempt it waits for its turn: it may hold a lock that the one before it needs. */
  async begin(attempt: number): Promise<void> {
    if (attempt > 1) await this.#turn();
  }

  async write(
    transaction: Transaction,
    of: { readonly importId: number; readonly attempts: number },
  ): Promise<void> {
    await this.#turnOrGiveWay(transaction);
    this.#turns.end.throwIfFailed();
    this.#rows = this.#turns.rows();
    await this.#rows.freezeImported(transaction, of);
  }

  committed(): void {
    this.#rows?.committed();
    this.#isCommitted = true;
    this.#before = undefined;
    this.#turns.onCommitted();
  }

  get #isItsTurn(): boolean {
    return this.#before?.isCommitted ?? true;
  }

  async #turn(): Promise<void> {
    const { changed, end } = this.#turns;
    await changed.until(() => this.#isItsTurn || end.failure !== undefined);
    end.throwIfFailed();
  }

  /**
   * The one before it may wait for what this one has written, and the database does not know that this one waits, too: to
   * the database that is not a deadlock.
   */
  async #turnOrGiveWay(transaction: Transaction): Promise<void> {
    if (this.#isItsTurn) return;
    const { end, onGaveWay } = this.#turns;
    const givesWayAt = performance.now() + GIVES_WAY_MS;
    const turn = this.#turn();
    for (;;) {
      await withinLimit(turn, LOOK_MS);
      end.throwIfFailed();
      if (this.#isItsTurn) return;
      if (performance.now() < givesWayAt && !(await isWaitedFor(transaction))) continue;
      onGaveWay();
      throw new GaveWayError('the import before this one has not ended');
    }
  }
}

async function isWaitedFor(transaction: Transaction): Promise<boolean> {
  const [row] = await transaction.query<{ isWaitedFor: boolean }>(waitedFor());
  return row?.isWaitedFor === true;
}
