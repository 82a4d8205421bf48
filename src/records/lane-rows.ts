import type { LaneHash } from './lanes.ts';
import type { TupleFunction } from './tuple-row.ts';
import { TupleRows } from './tuple-rows.ts';

interface LaneRowsOptions<R extends object> {
  readonly lanes: number;
  /** How many columns are staged. */
  readonly columns: number;
  readonly write: TupleFunction<R>;
  /** Told the key by `write`; without one lanes take turns. */
  readonly hash: LaneHash | undefined;
}

/** Rows of all lanes; which one a record belongs to is known when its row is written. */
export class LaneRows<R extends object> {
  readonly #lanes: readonly TupleRows[];
  readonly #add: (record: R, ordinal: number) => TupleRows | undefined;
  #lane = 0;

  constructor(options: LaneRowsOptions<R>) {
    const { lanes, columns, write, hash } = options;
    this.#lanes = Array.from({ length: lanes }, () => new TupleRows(columns));
    this.#add =
      hash === undefined ? this.#byTurns(write) : this.#byKey(write, hash, new TupleRows(columns));
  }

  /** Of the record added last. */
  get lane(): number {
    return this.#lane;
  }

  /** @returns the rows that the record was added to; undefined when it could not be written so */
  add(record: R, ordinal: number): TupleRows | undefined {
    return this.#add(record, ordinal);
  }

  #byTurns(write: TupleFunction<R>): (record: R, ordinal: number) => TupleRows | undefined {
    const lanes = this.#lanes.length;
    return (record, ordinal) => {
      this.#lane = ordinal % lanes;
      const rows = this.#rowsOf(this.#lane);
      return rows.add(write, record, ordinal) ? rows : undefined;
    };
  }

  /** @param row takes each one until its lane is known */
  #byKey(
    write: TupleFunction<R>,
    hash: LaneHash,
    row: TupleRows,
  ): (record: R, ordinal: number) => TupleRows | undefined {
    const writeKeyed: TupleFunction<R> = (record, ordinal, target, at) => {
      // Once more from the start when the target was too small.
      hash.start();
      return write(record, ordinal, target, at);
    };
    return (record, ordinal) => {
      if (!row.add(writeKeyed, record, ordinal)) return undefined;
      this.#lane = hash.lane;
      const rows = this.#rowsOf(this.#lane);
      rows.take(row);
      return rows;
    };
  }

  #rowsOf(lane: number): TupleRows {
    return this.#lanes[lane] as TupleRows;
  }
}
