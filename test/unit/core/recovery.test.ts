import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { RecoveryAction } from '../../../src/core/recovery.ts';
import { LoaderModel, type ModelRow } from '../../support/loader-model.ts';
import { type Epoch, liveThrough, plan, play, recover } from '../../support/model-life.ts';

const epoch: fc.Arbitrary<Epoch> = fc.record({
  picks: fc.array(fc.nat({ max: 999 }), { maxLength: 60, size: 'max' }),
  interruptedAfter: fc.nat({ max: 12 }),
  late: fc.boolean(),
  loses: fc.oneof(
    fc.record({ commits: fc.integer({ min: 1, max: 20 }) }),
    fc.constantFrom('rows' as const, 'nothing' as const),
  ),
});
const lives = fc.array(epoch, { minLength: 1, maxLength: 4, size: 'max' });

/** Everything that lasts, to compare by value. */
const snapshot = ({ rows, objects, uploads, target }: LoaderModel) =>
  structuredClone({ rows, objects, uploads, target });

function crashed(life: readonly Epoch[]): LoaderModel {
  const model = new LoaderModel();
  life.forEach((epoch, index) => {
    if (index > 0) {
      recover(model);
      model.restart();
    }
    play(model, epoch);
  });
  return model;
}

const idsOf = (actions: readonly RecoveryAction[], kind: 'forget-file' | 'release' | 'reopen') =>
  actions.flatMap((action) => (action.do === kind ? [action.fileId] : []));
const fileIds = (rows: readonly ModelRow[]) => rows.map((row) => row.fileId);
const firstRecords = (count: number) => Array.from({ length: count }, (_, index) => index + 1);
const sorted = (values: Iterable<number>) => [...values].sort((a, b) => a - b);

describe('the recovery of a task that died at any point', () => {
  test('the histories below reach every situation a recovery has to deal with', () => {
    const seen = new Set<string>();
    for (const life of fc.sample(lives, { numRuns: 500, seed: 1 })) {
      const model = crashed(life);
      for (const row of model.rows.values()) {
        const object = model.objects.has(row.key) ? 'object' : 'no object';
        seen.add(`${row.status}, ${row.wasFrozen ? 'frozen' : 'not frozen'}, ${object}`);
      }
      if (model.uploads.size > 0) seen.add('upload');
      if (model.rowsLost) seen.add('rows lost');
    }
    expect([...seen].sort()).toEqual([
      'CREATED, not frozen, no object',
      'CREATED, not frozen, object',
      'ERROR, frozen, object',
      'ERROR, not frozen, no object',
      'ERROR, not frozen, object',
      'FROZEN, frozen, object',
      'IMPORTED, frozen, object',
      'IMPORTING, frozen, object',
      'rows lost',
      'upload',
    ]);
  });

  test('every frozen record is imported exactly once, and no other, however often it dies and whatever the database loses (G1)', () => {
    fc.assert(
      fc.property(lives, (life) => {
        const model = new LoaderModel();
        for (const one of life) liveThrough(model, one);
        model.importAll();
        expect(sorted(model.target)).toEqual(firstRecords(model.frozenThrough));
        expect([...model.rows.values()].map((row) => row.status)).not.toContain('ERROR');
      }),
    );
  });

  test('leaves the objects of frozen files, imported or not, no other and no upload (G1, G7)', () => {
    fc.assert(
      fc.property(lives, (life) => {
        const model = crashed(life);
        recover(model);
        const needed = [...model.rows.values()].map((row) => row.key);
        expect([...model.objects.keys()].sort()).toEqual(needed.sort());
        expect(model.uploads.size).toBe(0);
      }),
    );
  });

  test('forgets exactly what was never frozen, releases what is frozen and not imported, and reopens what is lost', () => {
    fc.assert(
      fc.property(lives, (life) => {
        const model = crashed(life);
        const rows = [...model.rows.values()];
        const actions = plan(model);
        const waiting = rows.filter((row) => row.wasFrozen && row.status !== 'IMPORTED');
        const imported = rows.filter((row) => row.status === 'IMPORTED');
        expect(idsOf(actions, 'reopen')).toEqual(model.rowsLost ? fileIds(imported) : []);
        expect(idsOf(actions, 'forget-file')).toEqual(fileIds(rows.filter((r) => !r.wasFrozen)));
        expect(idsOf(actions, 'release')).toEqual(fileIds(waiting));
        expect(actions.filter((action) => action.do === 'report-lost')).toEqual([]);
      }),
    );
  });

  test('forgets a row only after its object and its upload are gone, or nothing would know of them (G7)', () => {
    fc.assert(
      fc.property(lives, (life) => {
        const kinds = plan(crashed(life)).map((action) => action.do);
        const lastOfS3 = Math.max(
          kinds.lastIndexOf('abort-upload'),
          kinds.lastIndexOf('delete-object'),
        );
        const firstForgotten = kinds.indexOf('forget-file');
        if (firstForgotten >= 0) expect(firstForgotten).toBeGreaterThan(lastOfS3);
      }),
    );
  });

  test('done again it has nothing left but releases, which change nothing', () => {
    fc.assert(
      fc.property(lives, (life) => {
        const model = crashed(life);
        recover(model);
        const before = snapshot(model);
        const again = plan(model);
        for (const action of again) model.apply(action);
        expect(again.filter((action) => action.do !== 'release')).toEqual([]);
        expect(snapshot(model)).toEqual(before);
      }),
    );
  });

  test('interrupted after any action and planned anew, it ends as if it had not been', () => {
    fc.assert(
      fc.property(lives, fc.nat({ max: 40 }), (life, interruptedAfter) => {
        const whole = crashed(life);
        const interrupted = crashed(life);
        recover(whole);
        for (const action of plan(interrupted).slice(0, interruptedAfter)) {
          interrupted.apply(action);
        }
        recover(interrupted);
        expect(snapshot(interrupted)).toEqual(snapshot(whole));
      }),
    );
  });
});

function reportOf(file: { fileId: number; key: string }, damage: string) {
  if (damage === 'gone') return { do: 'report-lost', ...file };
  const difference = damage === 'another' ? /ETag/ : /bytes/;
  return { do: 'report-changed', ...file, difference: expect.stringMatching(difference) };
}

describe('a frozen file whose object is not what was staged (G2)', () => {
  test.each(['gone', 'shorter', 'longer', 'another'] as const)(
    'is reported and never released when it is %s; the others are as before',
    (damage) => {
      fc.assert(
        fc.property(lives, fc.nat(), (life, pick) => {
          const model = crashed(life);
          const usual = plan(model);
          const waiting = [...model.rows.values()].filter((row) =>
            idsOf(usual, 'release').includes(row.fileId),
          );
          const victim = waiting[pick % Math.max(1, waiting.length)];
          fc.pre(victim !== undefined);
          const { fileId, key, stored } = victim;
          if (damage === 'gone') model.objects.delete(key);
          else {
            const longer = { shorter: -1, longer: 1, another: 0 }[damage];
            const size = stored.size + longer;
            model.objects.set(key, { size, etag: '"another"', records: [] });
          }
          // The object stays: somebody may want to see what became of it.
          expect(plan(model)).toEqual(
            usual.map((action) =>
              action.do === 'release' && action.fileId === fileId
                ? reportOf({ fileId, key }, damage)
                : action,
            ),
          );
        }),
      );
    },
  );
});
