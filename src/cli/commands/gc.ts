import type { Command } from 'commander';
import { bytes, counted } from '../../core/figures.ts';
import type { GarbageReport } from '../../operations/collect-garbage.ts';
import { durationSeconds } from '../argument-parsers.ts';
import { addConnectionOptions, type ConnectionFlags } from '../connection-options.ts';
import { EXIT, type ExitCode } from '../exit-code.ts';
import { handleOf } from '../handle.ts';
import {
  addLoaderConfigOptions,
  type LoaderConfigFlags,
  s3AccessOf,
} from '../loader-config-options.ts';
import type { RunCommand } from '../run-command.ts';
import type { Terminal } from '../terminal.ts';

interface GcFlags extends ConnectionFlags, LoaderConfigFlags {
  readonly dryRun?: boolean;
  readonly olderThan?: number;
  readonly unknown?: boolean;
  readonly json?: boolean;
}

const HELP = `
Deletes staged objects and unfinished uploads of tasks that are COMPLETED or CANCELLED, and leftovers of FAILED
ones; with --unknown also what belongs to no task of this database and is older than --older-than. What a resume needs
stays. Only looks at keys of the form PREFIX/yyyy-mm-dd/PROCESS_ID/file-….csv. Use --unknown only if no other database
shares the prefix: its tasks are unknown here.

Reports, but does not change: tasks whose process died, staged files that are lost, external tables left behind.`;

export function addGcCommand(program: Command, terminal: Terminal, run: RunCommand): void {
  const command = program
    .command('gc')
    .description('delete staged files that no task needs any more')
    .option('--dry-run', 'delete nothing; print what would be deleted')
    .option('--unknown', 'also delete what belongs to no task of this database')
    .option(
      '--older-than <time>',
      'minimum age of what no row accounts for: 30m, 24h, 7d (default: 24h)',
      durationSeconds,
    )
    .option('--json', 'print one JSON object');
  addLoaderConfigOptions(command);
  addConnectionOptions(command).addHelpText('after', HELP);
  command.action((flags: GcFlags) => run(() => gc(flags, terminal)));
}

async function gc(flags: GcFlags, terminal: Terminal): Promise<ExitCode> {
  const { dryRun, olderThan, unknown } = flags;
  const report = await handleOf(flags, s3AccessOf(flags)).gc({
    dryRun,
    olderThanSeconds: olderThan,
    includeUnknown: unknown,
  });
  if (flags.json) terminal.printJson({ ok: true, ...report });
  else terminal.print(...garbageLines(report));
  return EXIT.done;
}

function garbageLines(report: GarbageReport): string[] {
  const { objects, uploads, dryRun, location } = report;
  const size = `${counted(objects, 'object')} (${bytes(report.bytes)})`;
  const did = dryRun ? 'Would delete' : 'Deleted';
  return [
    ...report.tasks.map(
      (task) =>
        `${task.processId} (${task.status}): ${counted(task.objects, 'object')} (${bytes(task.bytes)}), ${counted(task.uploads, 'upload')}`,
    ),
    `${did} ${size} and ${dryRun ? 'abort' : 'aborted'} ${counted(uploads, 'upload')} in ${location}.`,
    ...report.dead.map(
      ({ processId, table, owner, lastSeenAt }) =>
        `dead: ${processId} into ${table}, last seen ${lastSeenAt} (${owner}): relyt resume or relyt abort`,
    ),
    ...report.lost.map(
      ({ processId, fileId, key, difference }) =>
        `lost: file ${fileId} of ${processId}, ${key}: ${difference === null ? 'not there' : `it ${difference}`}; relyt abort, and load again`,
    ),
    ...report.externalTables.map((name) => `left behind: external table ${name}`),
  ];
}
