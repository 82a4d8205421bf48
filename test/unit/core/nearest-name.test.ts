import { describe, expect, it } from 'vitest';
import { nearestName } from '../../../src/core/nearest-name.ts';

describe('nearestName (G8)', () => {
  const names = ['id', 'created_at', 'group_id', 'name', 'Ünïcode', 'g'];

  it.each([
    ['createdAt', 'created_at'],
    ['created', 'created_at'],
    ['groupid', 'group_id'],
    ['grp_id', 'group_id'],
    ['ID', 'id'],
    ['ünicode', 'Ünïcode'],
    ['zzzzzz', undefined],
    ['nmae', 'name'],
    ['', undefined],
    ['0', undefined],
    ['G', 'g'],
  ])('of %s', (name, nearest) => {
    expect(nearestName(name, names)).toBe(nearest);
  });

  it('takes no time over a name no column can have', () => {
    expect(nearestName('x'.repeat(1_000_000), names)).toBeUndefined();
  });

  it('has nothing to suggest when there are no names', () => {
    expect(nearestName('id', [])).toBeUndefined();
  });
});
