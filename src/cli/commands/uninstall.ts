import type { Command } from 'commander';
import { RelytError } from '../../errors.ts';
import type { UninstallPlan } from '../../operations/uninstall/removal.ts';
import type { UninstallReport } from '../../operations/uninstall/uninstall.ts';
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
import { confirmed } from '../uninstall/confirm.ts';
import { planLines, removedLines } from '../uninstall/removal-lines.ts';

interface UninstallFlags extends ConnectionFlags, LoaderConfigFlags {
  readonly yes?: boolean;
  readonly dryRun?: boolean;
  readonly discard?: boolean;
  readonly keepS3?: boolean;
  readonly json?: boolean;
}

const HELP = `
Removes the schema relyt_sys with its tables and functions, the views of --routing, and the foreign server, in one
transaction. Before that it deletes what tasks of this database have left in S3. The tables that loads write to, and
auxiliary tables, stay. Nothing is dropped by CASCADE: an object of yours that depends on relyt_sys stops the uninstall.

It is refused while a task may still run, while a group lives in an auxiliary table, and, without --discard, while a
task can be resumed or rejected records are kept. Run it again if it was interrupted.`;

export function addUninstallCommand(program: Command, terminal: Terminal, run: RunCommand): void {
  const command = program
    .command('uninstall')
    .description('remove from a database what `relyt init` made')
    .option('--dry-run', 'change nothing, print the SQL')
    .option('--yes', 'do not ask; needed where no person sits at a terminal')
    .option('--discard', 'give up tasks that can be resumed, and rejected records')
    .option('--keep-s3', 'leave staged files in S3 as they are')
    .option('--json', 'print one JSON object; needs --yes or --dry-run');
  addLoaderConfigOptions(command);
  addConnectionOptions(command).addHelpText('after', HELP);
  command.action((flags: UninstallFlags) => run(() => removeInstalled(flags, terminal)));
}

async function removeInstalled(flags: UninstallFlags, terminal: Terminal): Promise<ExitCode> {
  const { discard, keepS3 } = flags;
  const relyt = handleOf(flags, s3AccessOf(flags));
  const plan = await relyt.planUninstall({ discard });
  if (flags.dryRun) return printPlan(plan, flags, terminal);
  if (plan.objects.length === 0) return printNothing(flags, terminal);
  if (!flags.yes) {
    if (flags.json || !process.stdin.isTTY || !terminal.watched) throw unconfirmed();
    terminal.note(...planLines(plan, flags));
    if (!(await confirmed(process.stdin, terminal))) {
      terminal.note('Nothing was removed.');
      return EXIT.failed;
    }
  } else if (!flags.json) terminal.note(...planLines(plan, flags));
  const report = await relyt.uninstall({ discard, keepS3, plan });
  return printReport(report, flags, terminal);
}

function printReport(report: UninstallReport, flags: UninstallFlags, terminal: Terminal): ExitCode {
  if (flags.json) terminal.printJson({ ok: true, dryRun: false, ...report });
  else terminal.print(...removedLines(report));
  return EXIT.done;
}

function printPlan(plan: UninstallPlan, flags: UninstallFlags, terminal: Terminal): ExitCode {
  if (flags.json) {
    terminal.printJson({ ok: true, dryRun: true, ...plan });
    return EXIT.done;
  }
  terminal.note(...planLines(plan, flags));
  terminal.print(...plan.statements.map((text) => `${text};`));
  return EXIT.done;
}

function printNothing(flags: UninstallFlags, terminal: Terminal): ExitCode {
  if (flags.json) terminal.printJson({ ok: true, dryRun: false, objects: [], statements: [] });
  else terminal.print('There is nothing to remove: this database has no schema relyt_sys.');
  return EXIT.done;
}

function unconfirmed(): RelytError {
  return new RelytError(
    'UNINSTALL_REFUSED',
    'An uninstall has to be confirmed, and there is no terminal to ask on.',
    {
      hint: 'Look at `relyt uninstall --dry-run`, and confirm with `relyt uninstall --yes`.',
    },
  );
}
