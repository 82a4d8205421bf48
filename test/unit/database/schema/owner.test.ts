import { describe, expect, it } from 'vitest';
import { owners } from '../../../../src/database/schema/migration-0007-owner.ts';
import { type EngineProfile, PROFILES } from '../../../../src/engines/profiles.ts';

const TASK_TABLES = ['task', 'file', 'import', 'reject'].map((name) => `relyt_loader_${name}`);

function secured({ dialect }: EngineProfile): string[] {
  const found = owners(dialect).matchAll(/alter table relyt_sys\.(\w+) enable row level security/g);
  return [...new Set([...found].map(([, table = '']) => table))].sort();
}

describe('the migration that gives rows their owners', () => {
  it.each(Object.values(PROFILES))(
    'is plain ASCII, and again without harm, on $name',
    (profile) => {
      const sql = owners(profile.dialect);
      expect(sql).toMatch(/^[\x20-\x7e\n]*$/);
      expect(sql).not.toMatch(/create (function|trigger (?!relyt_loader_keep_id))/);
      const policies = [...sql.matchAll(/create policy (\w+ on \S+)/g)].map(([, name]) => name);
      for (const policy of policies) expect(sql).toContain(`drop policy if exists ${policy};`);
      for (const table of TASK_TABLES)
        expect(sql).toContain(
          `alter table relyt_sys.${table} add column owner_role name not null default current_user;`,
        );
    },
  );

  it('guards all tables of tasks where the dialect can, and never binds their owner', () => {
    const shared = ['relyt_loader_move', 'relyt_loader_routing'];
    expect(secured(PROFILES.postgres)).toEqual(
      [...TASK_TABLES, ...shared, 'relyt_loader_checkpoint'].sort(),
    );
    // No policy that looks at another table: it would run on segments.
    expect(secured(PROFILES.greenplum7)).toEqual([...TASK_TABLES, ...shared].sort());
    for (const profile of [PROFILES.greenplum6, PROFILES.relyt]) {
      expect(secured(profile)).toEqual([]);
      expect(owners(profile.dialect)).not.toMatch(/policy|row_security|trigger/);
    }
    for (const { dialect } of Object.values(PROFILES))
      expect(owners(dialect)).not.toMatch(/force row level/);
  });

  it('resolves nothing by search path in what runs under that of the installer (G7)', () => {
    const sql = owners(PROFILES.postgres.dialect);
    const outside = sql.replaceAll(/create or replace function[\s\S]*?end \$\$;/g, '');
    const bare = outside.match(/(?<![.\w])(?:format|count|min|aclexplode|has_\w+|pg_has_role)\(/g);
    expect(bare).toBeNull();
    expect(outside.replaceAll('set owner_role = owner_before', '')).not.toMatch(/ (=|<>|~|\|\|) /);
  });
});
