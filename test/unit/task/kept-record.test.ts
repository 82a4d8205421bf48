import { describe, expect, it } from 'vitest';
import { MAX_KEPT_LENGTH } from '../../../src/core/kept-records.ts';
import { LongArray } from '../../../src/records/long-array.ts';
import { keptRecord } from '../../../src/task/kept-record.ts';

const json = (record: unknown) => {
  const kept = keptRecord(record);
  return kept === 'too long' ? kept : kept.json;
};

describe('a rejected record as it is kept', () => {
  it.each([
    [{ a: 1, b: 'x' }, '{"a":1,"b":"x"}'],
    [{ a: 12n, b: Number.NaN }, '{"a":"12","b":"NaN"}'],
    [{ a: Buffer.from([0, 255]) }, '{"a":"\\\\x00ff"}'],
    [{ a: { b: [Uint8Array.of(1)] } }, '{"a":{"b":["\\\\x01"]}}'],
    [[Buffer.from('a'), 'b'], '["\\\\x61","b"]'],
    [Buffer.from([7]), '"\\\\x07"'],
    [{ a: new LongArray(2, () => ['1', '2']) }, '{"a":["1","2"]}'],
    [{ a: new Date(0) }, '{"a":"1970-01-01T00:00:00.000Z"}'],
    [undefined, null],
  ])('%o', (record, expected) => {
    expect(json(record)).toBe(expected);
  });

  it('has none when it is cyclic, or cannot be read', () => {
    const cyclic: Record<string, unknown> = {};
    cyclic.self = cyclic;
    expect(json(cyclic)).toBeNull();
    const throws = {
      get a() {
        throw new Error('no');
      },
    };
    expect(json(throws)).toBeNull();
  });

  it('is too long past the limit, as text and as the hexadecimal digits of bytes', () => {
    const fits = MAX_KEPT_LENGTH / 2 - 10;
    expect(json({ a: Buffer.alloc(fits) })).toHaveLength(2 * fits + 11);
    expect(json({ a: Buffer.alloc(MAX_KEPT_LENGTH / 2) })).toBe('too long');
    expect(json({ a: 'x'.repeat(MAX_KEPT_LENGTH) })).toBe('too long');
    expect(json({ a: new LongArray(MAX_KEPT_LENGTH, () => []) })).toBe('too long');
  });
});
