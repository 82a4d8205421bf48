import { describe, expect, test } from 'vitest';
import { movedRows } from '../../../../src/database/schema/migration-0018-moved-rows.ts';
import { PROFILES } from '../../../../src/engines/profiles.ts';

describe('the migration by which moves are noted', () => {
  test.each(Object.values(PROFILES))(
    'is plain ASCII, and fits the tables of $name',
    ({ dialect }) => {
      const sql = movedRows(dialect);
      expect(sql).toMatch(/^[\x20-\x7e\n]*$/);
      // Greenplum 6 has no such word.
      expect(sql).not.toMatch(/add column if not exists|on conflict/);
      expect(sql).toContain(`)${dialect.tableStorage('main_oid')};`);
      expect(/row level security|policy/.test(sql)).toBe(dialect.rowSecurity);
    },
  );

  test('lets every loader see every note, and resolves nothing by search path (G1, G7)', () => {
    const sql = movedRows(PROFILES.postgres.dialect);
    expect(sql).toMatch(/for select to public\s+using \(true\)/);
    expect(sql).not.toMatch(/ (=|<>|~|\|\|) /);
    expect(sql).not.toMatch(/(?<![.\w])(?:format|aclexplode|has_\w+|array_agg)\(/);
  });
});
