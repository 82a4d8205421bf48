import type {
  MigrationReport,
  MovedGroup,
  TableMigration,
} from '../../migrate/migration-report.ts';
import { count, counted, seconds } from '../load/figures.ts';

const PLACES = { 'to-auxiliary': 'the auxiliary table', 'to-main': 'the main table' } as const;

/** What a migration did, or would do, in lines for a person. */
export function reportLines(report: MigrationReport): string[] {
  const lines = report.tables.flatMap((table) => tableLines(table, report.dryRun));
  if (report.rate !== null) {
    const { rowsPerSecond, measured } = report.rate;
    const source = measured
      ? 'measured in the moves under way'
      : 'assumed, nothing was measured yet';
    lines.push(`Times are estimates from ${count(rowsPerSecond)} rows a second, ${source}.`);
  }
  if (report.stopped) lines.push('Stopped. The same command again goes on where this one stopped.');
  return lines;
}

function tableLines(migration: TableMigration, dryRun: boolean): string[] {
  const { table, direction, groups, leftToOthers, remaining } = migration;
  const rows = groups.reduce((sum, group) => sum + group.rows, 0);
  const time = groups.reduce((sum, group) => sum + group.seconds, 0);
  const did = dryRun ? 'would move' : 'moved';
  return [
    ...groups.map((group) => `  ${groupLine(group, dryRun)}`),
    `${table}: ${did} ${counted(groups.length, 'group')} with ${counted(rows, 'row')} to ${PLACES[direction]}, ${dryRun ? 'about ' : ''}${seconds(time)}`,
    ...leftToOthers.map(
      (group) => `  group ${group}: another migration has moved it or is moving it`,
    ),
    ...(remaining > 0 ? [`  ${counted(remaining, 'group')} past the threshold not begun`] : []),
  ];
}

function groupLine(moved: MovedGroup, dryRun: boolean): string {
  const { group, rows, replaced, dropped, how, resumed } = moved;
  return [
    `group ${group}: ${counted(rows, 'row')}`,
    ...(how === 'batches' ? ['in batches'] : []),
    ...(resumed ? ['begun by an earlier migration'] : []),
    ...(replaced > 0 ? [`${counted(replaced, 'row')} of the same key replaced`] : []),
    ...(dropped > 0 ? [`${counted(dropped, 'row')} dropped for one of the same key`] : []),
    `${dryRun ? 'about ' : ''}${seconds(moved.seconds)}`,
  ].join(', ');
}
