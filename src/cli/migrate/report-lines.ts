import { count, counted, seconds } from '../../core/figures.ts';
import { shownGroup } from '../../core/shown-group.ts';
import type {
  MigrationReport,
  MovedGroup,
  TableMigration,
} from '../../migrate/migration-report.ts';
import type { Line } from '../line.ts';
import { errorLines } from '../report-error.ts';

const PLACES = { 'to-auxiliary': 'the auxiliary table', 'to-main': 'the main table' } as const;

/** What a migration did, or would do, as lines for people. */
export function reportLines(report: MigrationReport): string[] {
  const lines = report.tables.flatMap((table) => tableLines(table, report.dryRun));
  if (report.rate !== null) {
    const { rowsPerSecond, measured } = report.rate;
    const source = measured
      ? 'measured in the moves under way'
      : 'assumed, nothing was measured yet';
    lines.push(`Times are estimates from ${count(rowsPerSecond)} rows a second, ${source}.`);
  }
  if (report.stopped) lines.push('Stopped. Run the same command again to continue.');
  return lines;
}

/** Groups that could not be moved, in the lines any error has. */
export function failureLines({ tables }: MigrationReport): Line[] {
  return tables.flatMap(({ failed }) => failed.flatMap(errorLines));
}

function tableLines(migration: TableMigration, dryRun: boolean): string[] {
  const { groups, failed, leftToOthers, remaining } = migration;
  return [
    ...groups.map((group) => `  ${groupLine(group, dryRun)}`),
    ...sumLines(migration, dryRun),
    ...failed.map(({ group }) => `  group ${shownGroup(group)}: failed`),
    ...leftToOthers.map(
      (group) => `  group ${shownGroup(group)}: another migration has moved it or is moving it`,
    ),
    ...(remaining > 0 ? [`  ${counted(remaining, 'group')} past the threshold not begun`] : []),
  ];
}

/** One for the direction that was asked for, and one for the other if an earlier migration had begun moves there. */
function sumLines({ table, direction, groups }: TableMigration, dryRun: boolean): string[] {
  const did = dryRun ? 'would move' : 'moved';
  const others = groups.filter((group) => group.direction !== direction);
  const own = groups.filter((group) => group.direction === direction);
  const sums = others.length > 0 ? [others, own] : [own];
  return sums.map((moved) => {
    const rows = moved.reduce((sum, group) => sum + group.rows, 0);
    const time = moved.reduce((sum, group) => sum + group.seconds, 0);
    const place = PLACES[moved[0]?.direction ?? direction];
    return `${table}: ${did} ${counted(moved.length, 'group')} with ${counted(rows, 'row')} to ${place}, ${dryRun ? 'about ' : ''}${seconds(time)}`;
  });
}

function groupLine(moved: MovedGroup, dryRun: boolean): string {
  const { group, rows, replaced, dropped, how, resumed } = moved;
  return [
    `group ${shownGroup(group)}: ${counted(rows, 'row')}`,
    ...(how === 'batches' ? ['in batches'] : []),
    ...(resumed ? ['begun by an earlier migration'] : []),
    ...(replaced > 0 ? [`${counted(replaced, 'row')} of the same key replaced`] : []),
    ...(dropped > 0 ? [`${counted(dropped, 'row')} dropped for one of the same key`] : []),
    `${dryRun ? 'about ' : ''}${seconds(moved.seconds)}`,
  ].join(', ');
}
