import type { Command } from 'commander';
import { oneOf, wholeNumber } from '../argument-parsers.ts';
import { addConnectionOptions, type ConnectionFlags } from '../connection-options.ts';
import { EXIT, type ExitCode } from '../exit-code.ts';
import { handleOf } from '../handle.ts';
import { MigrationDisplay } from '../migrate/migration-display.ts';
import { failureLines, reportLines } from '../migrate/report-lines.ts';
import type { RunCommand } from '../run-command.ts';
import { StopRequest } from '../signals.ts';
import type { Terminal } from '../terminal.ts';

interface MigrateFlags extends ConnectionFlags {
  readonly tables: readonly string[];
  readonly threshold: number;
  readonly onConflict?: 'update' | 'nothing';
  readonly batchRows?: number;
  readonly maxGroups?: number;
  readonly groupColumn?: string;
  readonly back?: boolean;
  readonly dryRun?: boolean;
  readonly json?: boolean;
}

const HELP = `
Moves the groups with at least --threshold rows from the main tables to their auxiliary tables, biggest first, while
loads continue; with --back, groups with fewer rows move back. A group of more than --batch-rows rows moves in several
transactions, if its table has a primary key. Moves that an earlier migration left unfinished are finished first. A group
that cannot be moved stays as it is and does not stop the others; the command then exits with 1.
Ctrl-C rolls back the current transaction; run the same command again to continue.

Examples:
  relyt migrate --tables public.events public.metrics --threshold 1000000 --dry-run
  relyt migrate --tables public.events --threshold 100 --max-groups 10`;

export function addMigrateCommand(program: Command, terminal: Terminal, run: RunCommand): void {
  const command = program
    .command('migrate')
    .description('move groups between a main table and its auxiliary table')
    .requiredOption('--tables <schema.table...>', 'main tables')
    .requiredOption(
      '--threshold <rows>',
      'number of rows from which a group is big',
      wholeNumber(1),
    )
    .option(
      '--on-conflict <what>',
      'for a key in both tables: update (default) keeps the row that moves, nothing keeps the other one',
      oneOf(['update', 'nothing']),
    )
    .option(
      '--batch-rows <rows>',
      'maximum number of rows in one transaction (default: 1000000)',
      wholeNumber(1),
    )
    .option('--max-groups <n>', 'maximum number of groups to move', wholeNumber(1))
    .option(
      '--group-column <name>',
      'column of the groups (default: what relyt init --routing stored, else group_id or routing_id)',
    )
    .option('--back', 'move groups with fewer rows than --threshold to the main table')
    .option(
      '--dry-run',
      'move nothing; print what would be moved, and about how long it would take',
    )
    .option('--json', 'print one JSON object');
  addConnectionOptions(command).addHelpText('after', HELP);
  command.action((flags: MigrateFlags) => run(() => migrate(flags, terminal)));
}

async function migrate(flags: MigrateFlags, terminal: Terminal): Promise<ExitCode> {
  using stop = new StopRequest((name) =>
    terminal.note(
      '',
      `${name}: rolling back the current transaction; a second signal ends at once`,
    ),
  );
  const { tables, threshold, onConflict, batchRows, maxGroups, groupColumn, back } = flags;
  using display = new MigrationDisplay(terminal, flags.json === true);
  const report = await handleOf(flags).migrate({
    tables,
    threshold,
    onConflict,
    batchRows,
    maxGroups,
    groupColumn,
    back,
    dryRun: flags.dryRun,
    signal: stop.signal,
    onProgress: (progress) => display.show(progress),
  });
  display.clear();
  const isDone = !report.stopped && report.tables.every(({ failed }) => failed.length === 0);
  if (flags.json) terminal.printJson({ ok: isDone, ...report });
  else {
    terminal.print(...reportLines(report));
    terminal.note(...failureLines(report));
  }
  return isDone ? EXIT.done : EXIT.failed;
}
