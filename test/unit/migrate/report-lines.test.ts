import { expect, test } from 'vitest';
import { migrationLine } from '../../../src/cli/migrate/migration-display.ts';
import { reportLines } from '../../../src/cli/migrate/report-lines.ts';
import type { MovedGroup, TableMigration } from '../../../src/migrate/migration-report.ts';

const GROUP: MovedGroup = {
  group: '100',
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
    'Stopped. The same command again goes on where this one stopped.',
  ]);
});

test('a dry run says what its times rest on', () => {
  const table = { ...TABLE, direction: 'to-main' } as const;
  const rate = { rowsPerSecond: 600, measured: false };
  expect(reportLines({ tables: [table], dryRun: true, stopped: false, rate })).toEqual([
    '  group 100: 1,200 rows, about 2.0 s',
    'public.t: would move 1 group with 1,200 rows to the main table, about 2.0 s',
    'Times are estimates from 600 rows a second, assumed, nothing was measured yet.',
  ]);
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
