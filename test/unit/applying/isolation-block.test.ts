// The isolation of bad records applies ranges by the list that applies all rows (G2, G3), and finds the column of a
// refused value where the dialects differ (G8).

import { describe, expect, test } from 'vitest';
import { applyList } from '../../../src/applying/apply-list.ts';
import { stepLines } from '../../../src/applying/apply-step.ts';
import { isolationBlock, rangeRows } from '../../../src/applying/isolation-block.ts';
import type { InsertPlan } from '../../../src/applying/plan.ts';
import type { ConflictMode } from '../../../src/core/import-counts.ts';
import { literal } from '../../../src/database/statement.ts';
import { PROFILES } from '../../../src/engines/profiles.ts';
import { targetColumn, targetTable, typeOf } from '../records/target-fixture.ts';
import { planOf, routedPlan } from './plan-fixture.ts';

const TERMS = { maxBad: 1, anyPassed: false, raisedAreOfRecords: false };

const columns = [
  targetColumn('id', 'int4'),
  targetColumn('p', typeOf('pair', { schema: 'public', kind: 'composite' })),
];

function block(dialect: InsertPlan['dialect']): string {
  const table = targetTable(columns);
  return isolationBlock(planOf({ dialect, table, columns, mode: 'insert' }), TERMS).text;
}

/** A statement as it stands in a DO block. */
function inBlock(line: string): string {
  return literal(line).replace(/^E?'|'$/g, '');
}

const MODES: readonly ConflictMode[] = ['insert', 'update', 'nothing'];
const CASES = MODES.flatMap((mode) =>
  Object.values(PROFILES).flatMap((profile) =>
    [planOf, routedPlan].map((makePlan) => ({
      title: `${profile.name}, ${mode}, ${makePlan.name}`,
      plan: makePlan({ mode, dialect: profile.dialect }),
    })),
  ),
);

describe('a range', () => {
  test.each(CASES)('is applied by the list of every import: $title', ({ plan }) => {
    const { text } = isolationBlock(plan, TERMS);
    const list = applyList({ ...plan, reduceKeys: true }, rangeRows(plan));
    expect(list.length).toBeGreaterThan(0);
    const lines = stepLines(list, { guard: [], range: 'n_from, n_to' });
    for (const line of lines) expect(text).toContain(inBlock(line));
  });

  test('is cast to base types without their modifiers, so that no value is cut silently (G4)', () => {
    const short = targetColumn('v', typeOf('varchar', { typmod: 9 }), {
      sqlType: 'character varying(5)',
    });
    const rows = rangeRows(planOf({ columns: [short], mode: 'insert' }));
    expect(rows).toContain('s."v"::"pg_catalog"."varchar" as "v"');
  });
});

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
