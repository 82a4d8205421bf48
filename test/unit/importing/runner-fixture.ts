/** A table with one column, and what an import of it is given. */

import { Committed } from '../../../src/core/committed.ts';
import { NOTHING_WRITTEN } from '../../../src/core/imported-target.ts';
import { RejectBudget } from '../../../src/core/reject-budget.ts';
import type { Engine } from '../../../src/engines/engine.ts';
import { PROFILES } from '../../../src/engines/profiles.ts';
import type { ImportTarget } from '../../../src/importing/import-attempt.ts';
import { MemoryObjectStore } from '../../support/memory-object-store.ts';
import { READING, targetColumn, targetTable } from '../records/target-fixture.ts';

const columns = [targetColumn('id', 'int8')];
export const target: ImportTarget = {
  writer: { processId: 'p', epoch: 1, owner: 'o' },
  table: targetTable(columns, []),
  columns,
  mode: 'insert',
  reading: READING,
};

export const found = columns.map((column) => ({ ...column, table: 16384 }));
export const HELD = {
  ...NOTHING_WRITTEN,
  foundAuxiliary: null,
  moved: [],
  markerThere: false,
  unlogged: false,
};

export const limits = () => ({
  importTimeoutSeconds: 60,
  importErrorSleepSeconds: 0,
  rejects: new RejectBudget(5),
  committed: new Committed(),
  signal: new AbortController().signal,
});

export const ISOLATED = { read: 1, winners: 1, written: 1, inserted: 1, rejected: 2 };
export const COUNTS = {
  records: 3,
  inserted: 1,
  updated: 0,
  skipped: 0,
  superseded: 0,
  rejected: 2,
};

export const objects = new MemoryObjectStore();

/** Its files are read at once, and come to nothing. */
export const ENGINE = {
  profile: PROFILES.postgres,
  prepare: async () => undefined,
  open: async () => 'external',
  close: async () => undefined,
  guard: [],
  readFailure: () => undefined,
} satisfies Engine;
