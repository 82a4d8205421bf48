import { describe, expect, test } from 'vitest';
import { conflictMode } from '../../../src/core/conflict-mode.ts';
import { RelytError } from '../../../src/errors.ts';
import { targetColumn, targetTable } from '../records/target-fixture.ts';

const [id, day, v] = ['id', 'day', 'v'].map((name) => targetColumn(name, 'int4')) as [
  ReturnType<typeof targetColumn>,
  ReturnType<typeof targetColumn>,
  ReturnType<typeof targetColumn>,
];
const keyed = targetTable([id, day, v], ['day', 'id']);

describe('how an import treats existing keys', () => {
  test.each(['update', 'nothing'] as const)(
    "as '%s' says, when the whole key is staged",
    (onConflict) => {
      expect(conflictMode(onConflict, keyed, [v, id, day])).toBe(onConflict);
    },
  );

  test("by plain inserts when 'error' is wanted, or the key is missing or made by the database", () => {
    expect(conflictMode('error', keyed, [id, day])).toBe('insert');
    expect(conflictMode('update', targetTable([id, v]), [id, v])).toBe('insert');
    expect(conflictMode('update', keyed, [id, v])).toBe('insert');
  });

  test('not at all when the key is deferrable and has to decide', () => {
    const deferrable = { ...keyed, keyDeferrable: true };
    expect(() => conflictMode('nothing', deferrable, [id, day])).toThrow(RelytError);
    expect(conflictMode('error', deferrable, [id, day])).toBe('insert');
    expect(conflictMode('update', deferrable, [id])).toBe('insert');
  });
});
