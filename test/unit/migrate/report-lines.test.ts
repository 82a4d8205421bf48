import { expect, test } from 'vitest';
import { plainLine } from '../../../src/cli/line.ts';
import { migrationLine } from '../../../src/cli/migrate/migration-display.ts';
import { failureLines, reportLines } from '../../../src/cli/migrate/report-lines.ts';
import type { MovedGroup, TableMigration } from '../../../src/migrate/migration-report.ts';

const GROUP: MovedGroup = {
  group: '100',
  direction: 'to-auxiliary',
  rows: 1200,
  replaced: 0,
  dropped: 0,
  how: 'whole',
  resumed: false,
  seconds: 2,
};
const TABLE: TableMigration = {
  table: 'public.t',
  direction: 'to-auxiliary',
  groups: [GROUP],
  failed: [],
  leftToOthers: [],
  remaining: 0,
};

test('what was moved, and what was not', () => {
  const groups = [
    GROUP,
    {
      ...GROUP,
      group: 'a',
      rows: 1,
      how: 'batches',
      resumed: true,
      replaced: 2,
      dropped: 1,
    } as const,
  ];
  const table = { ...TABLE, groups, leftToOthers: ['b'], remaining: 3 };
  expect(reportLines({ tables: [table], dryRun: false, stopped: true, rate: null })).toEqual([
    '  group 100: 1,200 rows, 2.0 s',
    '  group a: 1 row, in batches, begun by an earlier migration, 2 rows of the same key replaced, 1 row dropped for one of the same key, 2.0 s',
    'public.t: moved 2 groups with 1,201 rows to the auxiliary table, 4.0 s',
    '  group b: another migration has moved it or is moving it',
    '  3 groups past the threshold not begun',
    'Stopped. Run the same command again to continue.',
  ]);
});

test('a dry run says what its times rest on', () => {
  const groups = [{ ...GROUP, direction: 'to-main' } as const];
  const table = { ...TABLE, groups, direction: 'to-main' } as const;
  const rate = { rowsPerSecond: 600, measured: false };
  expect(reportLines({ tables: [table], dryRun: true, stopped: false, rate })).toEqual([
    '  group 100: 1,200 rows, about 2.0 s',
    'public.t: would move 1 group with 1,200 rows to the main table, about 2.0 s',
    'Times are estimates from 600 rows a second, assumed, nothing was measured yet.',
  ]);
});

test('a move that an earlier migration had begun in the other direction', () => {
  const table = { ...TABLE, direction: 'to-main' } as const;
  expect(reportLines({ tables: [table], dryRun: false, stopped: false, rate: null })).toEqual([
    '  group 100: 1,200 rows, 2.0 s',
    'public.t: moved 1 group with 1,200 rows to the auxiliary table, 2.0 s',
    'public.t: moved 0 groups with 0 rows to the main table, 0.0 s',
  ]);
});

test('a group that could not be moved, and why', () => {
  const failed = {
    group: '7',
    direction: 'to-auxiliary',
    code: 'MIGRATION_REFUSED',
    message: 'could not move group 7 of public.t: a check',
    hint: 'Change it.',
    details: { sqlstate: '23514' },
  } as const;
  const report = {
    tables: [{ ...TABLE, groups: [], failed: [failed] }],
    dryRun: false,
    stopped: false,
    rate: null,
  };
  expect(reportLines(report)).toEqual([
    'public.t: moved 0 groups with 0 rows to the auxiliary table, 0.0 s',
    '  group 7: failed',
  ]);
  expect(failureLines(report).map(plainLine)).toEqual([
    'relyt: could not move group 7 of public.t: a check',
    '  hint: Change it.',
    '  code: MIGRATION_REFUSED',
  ]);
});

test.each([
  ['100', '100'],
  ['', '""'],
  ['a\nb', '"a\\nb"'],
  ['a b', '"a b"'],
  ['say "x"', '"say \\"x\\""'],
  ['é-1', 'é-1'],
  ['x'.repeat(9600), `"${'x'.repeat(63)}…"`],
])('group %j is shown on one line', (group, shown) => {
  const table = { ...TABLE, groups: [{ ...GROUP, group }], leftToOthers: [group] };
  const lines = reportLines({ tables: [table], dryRun: false, stopped: false, rate: null });
  expect(lines[0]).toBe(`  group ${shown}: 1,200 rows, 2.0 s`);
  expect(lines[2]).toContain(`  group ${shown}: another`);
});

test('the line that follows a migration', () => {
  const progress = {
    table: 'public.t',
    group: '7',
    rows: 40,
    rowsTotal: 1300,
    groups: 1,
    groupsTotal: 5,
  };
  expect(migrationLine({ ...progress, step: 'copy' })).toBe(
    'public.t  group 7  copied 40 of about 1,300 rows  1 of 5 groups done',
  );
});
