import { type Command, Option } from 'commander';
import { RelytError } from '../../errors.ts';
import { wholeNumber } from '../argument-parsers.ts';
import { addConnectionOptions, type ConnectionFlags } from '../connection-options.ts';
import { exportRejected } from '../errors/export-rejected.ts';
import { pagesOf } from '../errors/pages.ts';
import { detailRejected, showRejected } from '../errors/show-rejected.ts';
import { EXIT, type ExitCode } from '../exit-code.ts';
import { handleOf } from '../handle.ts';
import type { RunCommand } from '../run-command.ts';
import type { Terminal } from '../terminal.ts';

interface ErrorsFlags extends ConnectionFlags {
  readonly format?: 'ndjson' | 'csv' | 'table';
  readonly limit?: number;
  readonly details?: boolean;
  readonly json?: boolean;
}

const HELP = `
Correct and load again:
  relyt errors TASK --format ndjson > rejected.ndjson
  (correct the file)
  relyt load rejected.ndjson --table SCHEMA.TABLE

  ndjson keeps every value; csv has the columns of the task. Text that could not be read as a record is
  written as it was found: correct or remove it. CSV has no escapes: a record with control characters is
  written as JSON in one field, which a load refuses.`;

export function addErrorsCommand(program: Command, terminal: Terminal, run: RunCommand): void {
  const command = program
    .command('errors')
    .description('list the rejected records of a task, or export them to load them again')
    .argument('<task>', 'process id of the task')
    .addOption(
      new Option('--format <format>', 'table for people; the others contain the records only')
        .choices(['table', 'ndjson', 'csv'])
        .default(undefined, 'table'),
    )
    .option('--limit <n>', 'maximum number of records', wholeNumber(1))
    .option(
      '--details',
      'one JSON object a line: ordinal, position, line, stage, code, column, constraint, reason, record',
    )
    .option('--json', 'the same as --details');
  addConnectionOptions(command).addHelpText('after', HELP);
  command.action((processId: string, flags: ErrorsFlags) =>
    run(() => errors(processId, formOf(flags), { flags, terminal })),
  );
}

type Form = 'table' | 'ndjson' | 'csv' | 'details';

function formOf({ format, details, json }: ErrorsFlags): Form {
  if (!details && !json) return format ?? 'table';
  if (format === undefined || format === 'ndjson') return 'details';
  throw new RelytError(
    'CONFIG_INVALID',
    `--details prints JSON, so it cannot be used with --format ${format}.`,
    {
      hint: 'Leave one of them out.',
    },
  );
}

async function errors(
  processId: string,
  form: Form,
  { flags, terminal }: { readonly flags: ErrorsFlags; readonly terminal: Terminal },
): Promise<ExitCode> {
  const relyt = handleOf(flags);
  const { limit } = flags;
  if (form === 'csv' || form === 'ndjson') {
    const lines = relyt.rejectedLines(processId, { format: form, limit });
    await exportRejected(terminal, pagesOf(lines));
  } else {
    const show = form === 'details' ? detailRejected : showRejected;
    await show(terminal, pagesOf(relyt.rejectedRecords(processId), limit));
  }
  return EXIT.done;
}
