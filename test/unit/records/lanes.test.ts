import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ColumnType, TargetColumn } from '../../../src/core/target-table.ts';
import { createRecordEncoder } from '../../../src/records/encoder.ts';
import { keyLanes } from '../../../src/records/lanes.ts';
import { resolveMapping } from '../../../src/records/mapping.ts';
import { targetColumn, targetTable, typeOf } from './target-fixture.ts';

/** The lane of a single-column key, on its own encoder: nothing of an earlier record may matter. */
function lanesOf(type: string | ColumnType, keys: readonly unknown[], lanes = 64): number[] {
  const table = targetTable([targetColumn('k', type, { notNull: true })], ['k']);
  const mapping = resolveMapping({ table, first: { k: keys[0] } });
  const encoder = createRecordEncoder({ table, mapping, lanes });
  return keys.map((k, i) => {
    encoder.encode({ k }, i + 1);
    return encoder.lane;
  });
}

function supported(columns: readonly TargetColumn[], key: readonly string[]) {
  return keyLanes(targetTable(columns, key), columns);
}

describe('lanes of equal keys (G3)', () => {
  it('are the same for every way to write an integer', () => {
    fc.assert(
      fc.property(fc.maxSafeInteger(), (n) => {
        const sign = n < 0 ? '-' : '';
        const digits = String(Math.abs(n));
        const hex = `${sign}0x${Math.abs(n).toString(16)}`;
        const forms = [n, BigInt(n), String(n), `${sign}00${digits}`, ` ${n}\n`, hex];
        expect(new Set(lanesOf('int8', forms)).size).toBe(1);
      }),
    );
  });

  const uuid = 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11';
  const price = ['1.50', '1.5', '+1.5', 1.5, '15e-1', '0.15E1', '001.5000'];
  it.each<[string | ColumnType, unknown[]]>([
    ['uuid', [uuid, uuid.toUpperCase(), `{${uuid}}`, uuid.replaceAll('-', '')]],
    ['bool', [true, 1, 't', ' TRUE', 'yes', 'on']],
    ['numeric', price],
    ['numeric', [1000, 1000n, '1e3', '1_000.0', '0x3e8']],
    ['numeric', [0, -0, '0.00', '-0', '0e7']],
    ['numeric', [Number.NaN, 'nan', ' NaN ']],
    ['numeric', [Number.POSITIVE_INFINITY, 'inf', '+Infinity']],
    ['bytea', [Buffer.from('ab'), 'ab', '\\x6162', '\\x61 62', 'a\\142']],
    [typeOf('bpchar', { typmod: 5 + 4 }), ['ab', 'ab   ', 'ab        ']],
    [typeOf('varchar', { typmod: 2 + 4 }), ['ab', 'ab   ']],
    [typeOf('bit', { typmod: 4 }), ['1010', 'xA', 'b1010']],
    ['text', ['7', 7, 7n]],
  ])('of %o are the same for %o', (type, keys) => {
    expect(new Set(lanesOf(type, keys)).size).toBe(1);
  });

  it('differ between keys that differ, evenly enough to be of use', () => {
    for (const key of [(i: number) => i, (i: number) => `user-${i}`]) {
      const type = typeof key(0) === 'number' ? 'int8' : 'text';
      const counts = Array.from({ length: 4 }, () => 0);
      for (const lane of lanesOf(
        type,
        Array.from({ length: 4000 }, (_, i) => key(i)),
        4,
      )) {
        counts[lane] = (counts[lane] ?? 0) + 1;
      }
      expect(Math.min(...counts)).toBeGreaterThan(800);
    }
  });

  it('of a compound key follow its canonical columns only', () => {
    const columns = [
      targetColumn('tenant', 'int4', { notNull: true }),
      targetColumn('at', 'timestamptz', { notNull: true }),
    ];
    const table = targetTable(columns, ['tenant', 'at']);
    const mapping = resolveMapping({ table, first: { tenant: 1, at: 'now' } });
    const encoder = createRecordEncoder({ table, mapping, lanes: 16 });
    const lanes = ['2024-01-01 00:00+00', '2024-01-01 02:00+02', new Date('2024-01-01')].map(
      (at) => {
        encoder.encode({ tenant: 7, at }, 1);
        return encoder.lane;
      },
    );
    expect(new Set(lanes).size).toBe(1);
  });

  it('do not depend on records before, refused ones included', () => {
    const table = targetTable([targetColumn('k', 'int8', { notNull: true })], ['k']);
    const mapping = resolveMapping({ table, first: { k: 1 } });
    const encoder = createRecordEncoder({ table, mapping, lanes: 8 });
    encoder.encode({ k: 42 }, 1);
    const lane = encoder.lane;
    expect(() => encoder.encode({ k: 'x' }, 2)).toThrow();
    encoder.encode({ k: 42 }, 3);
    expect(encoder.lane).toBe(lane);
  });
});

describe('whether lanes are possible', () => {
  it('says yes for keys with a canonical text, and without a key', () => {
    expect(supported([targetColumn('k', 'uuid')], ['k'])).toEqual({ supported: true });
    expect(supported([targetColumn('k', 'jsonb')], [])).toEqual({ supported: true });
  });

  it('says why not', () => {
    const cases: [TargetColumn, RegExp][] = [
      [targetColumn('k', 'timestamptz'), /"k" \(timestamptz\) can be written in different ways/],
      [targetColumn('k', 'text', { deterministic: false }), /different ways/],
      [targetColumn('k', typeOf('numeric', { typmod: 655_366 })), /different ways/],
      [targetColumn('k', 'citext'), /different ways/],
      [targetColumn('k', 'oid'), /different ways/],
      [targetColumn('k', 'float8'), /different ways/],
      [targetColumn('other', 'int4'), /gets no value/],
    ];
    for (const [column, reason] of cases) {
      const answer = supported([column], ['k']);
      expect(answer.supported).toBe(false);
      expect(answer.reason).toMatch(reason);
    }
  });

  it('keeps to lane 0 where it says no, and takes turns without a key', () => {
    expect(lanesOf('timestamptz', [new Date(0), new Date(1), new Date(2)])).toEqual([0, 0, 0]);
    const table = targetTable([targetColumn('a', 'int4')]);
    const mapping = resolveMapping({ table, first: { a: 1 } });
    const encoder = createRecordEncoder({ table, mapping, lanes: 2 });
    const lanes = [1, 2, 3, 4].map((ordinal) => {
      encoder.encode({ a: 1 }, ordinal);
      return encoder.lane;
    });
    expect(lanes).toEqual([1, 0, 1, 0]);
  });
});
