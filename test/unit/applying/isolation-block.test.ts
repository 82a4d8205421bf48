// G8: how the column of a refused value is found, where the dialects differ.

import { describe, expect, test } from 'vitest';
import type { InsertPlan } from '../../../src/applying/insert-statement.ts';
import { isolationBlock } from '../../../src/applying/isolation-block.ts';
import { PROFILES } from '../../../src/engines/profiles.ts';
import { targetColumn, targetTable, typeOf } from '../records/target-fixture.ts';

const columns = [
  targetColumn('id', 'int4'),
  targetColumn('p', typeOf('pair', { schema: 'public', kind: 'composite' })),
];

function block(dialect: InsertPlan['dialect']): string {
  const plan = { table: targetTable(columns), columns, mode: 'insert', source: 's' } as const;
  return isolationBlock({ dialect, reduceKeys: false, ...plan }, 1);
}

describe('a value alone', () => {
  test('is tried as a variable of its column', () => {
    const tried = /declare tried "public"\."t"\."p"%type := s\."p"::"public"\."pair"; begin end;/;
    expect(block(PROFILES.postgres.dialect)).toMatch(tried);
    expect(block(PROFILES.greenplum7.dialect)).toMatch(tried);
  });

  test('that is composite is only cast, where such variables cannot be given a value', () => {
    const text = block(PROFILES.greenplum6.dialect);
    expect(text).toMatch(/bad_column := ''p''; perform s\."p"::"public"\."pair";/);
    expect(text).not.toContain('"p"%type');
    expect(text).toContain('"id"%type');
  });
});
