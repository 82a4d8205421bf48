import type pg from 'pg';

/** Where connections come from, and how they go back. */
export interface ConnectionSource {
  /** @throws RelytError CONFIG_INVALID, DATABASE_… */
  open(): Promise<pg.Client>;
  /** @param usable only plain SQL happened on it, so it may serve others */
  end(client: pg.Client, usable: boolean): Promise<void>;
  /** No connection is made any more, and one that does not answer is given up. */
  destroy(): void;
}
