import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Committed, type CommittedCounts, whatIsMissing } from '../../../src/core/committed.ts';

/** Imports that overlap as chance has it: what the process was told of, and the commits in their order. */
function playImports(picks: readonly number[]) {
  const committed = new Committed();
  const open: { importId: number; after: readonly number[]; committed: boolean }[] = [];
  const log: number[] = [];
  const confirmed: number[] = [];
  let lastId = 0;
  for (const pick of picks) {
    const running = open[pick % Math.max(1, open.length)];
    if (running === undefined || pick % 3 === 0) {
      open.push({ importId: ++lastId, after: committed.newestImports, committed: false });
    } else if (!running.committed) {
      running.committed = true;
      log.push(running.importId);
    } else {
      const { importId, after } = running;
      committed.imported({ importId, files: 1, records: 10, rejects: 0, after });
      confirmed.push(importId);
      open.splice(open.indexOf(running), 1);
    }
  }
  return { committed, log, confirmed };
}

const picks = fc.array(fc.nat({ max: 999 }), { maxLength: 80, size: 'max' });

describe('what a process knows to be committed (G1)', () => {
  test('a database that has the newest imports has every import that was confirmed', () => {
    fc.assert(
      fc.property(picks, fc.nat(), (order, cut) => {
        const { committed, log, confirmed } = playImports(order);
        const kept = new Set(log.slice(0, cut % (log.length + 1)));
        const seesNewest = committed.newestImports.every((id) => kept.has(id));
        expect(seesNewest).toBe(confirmed.every((id) => kept.has(id)));
        expect(committed.counts.importedFiles).toBe(confirmed.length);
      }),
    );
  });

  test('no more imports are asked for than ever ran at once, however many there were (G5)', () => {
    const committed = new Committed();
    for (let importId = 1; importId <= 1000; importId++) {
      const after = committed.newestImports;
      committed.imported({ importId, files: 2, records: 7, rejects: 1, after });
    }
    expect(committed.newestImports).toEqual([1000]);
    expect(committed.counts).toMatchObject({
      importedFiles: 2000,
      importedRecords: 7000,
      rejects: 1000,
    });
  });

  test('a generation that brings only a position moves nothing', () => {
    const committed = new Committed();
    committed.froze({ lastOrdinal: 12, files: 2 });
    expect(committed.with({ lastOrdinal: 0, files: 0 })).toEqual({ lastOrdinal: 12, files: 2 });
  });
});

const count = fc.nat({ max: 20 });
const counts: fc.Arbitrary<CommittedCounts> = fc.record({
  frozen: fc.record({ lastOrdinal: count, files: count }),
  importedFiles: count,
  importedRecords: count,
  rejects: count,
});
const flat = ({ frozen, ...rest }: CommittedCounts) => [
  frozen.lastOrdinal,
  frozen.files,
  ...Object.values(rest),
];

describe('whatIsMissing', () => {
  test('says something exactly when a count is lower than it is known to be', () => {
    fc.assert(
      fc.property(counts, counts, (known, found) => {
        const lower = flat(known).some((value, n) => (flat(found)[n] ?? 0) < value);
        expect(whatIsMissing(known, found) !== undefined).toBe(lower);
      }),
    );
  });

  test('names both numbers', () => {
    const known = { frozen: { lastOrdinal: 60, files: 6 }, importedFiles: 6 };
    const rest = { importedRecords: 60, rejects: 0 };
    const found = { frozen: { lastOrdinal: 60, files: 6 }, importedFiles: 4 };
    expect(whatIsMissing({ ...known, ...rest }, { ...found, ...rest, importedRecords: 40 })).toBe(
      '4 of 6 files imported, 40 of 60 records imported',
    );
  });
});
