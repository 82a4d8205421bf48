import type { Command } from 'commander';
import type { TableName } from '../../core/table-name.ts';
import type { ExaminationReport } from '../../doctor/examine.ts';
import type { Recommendation } from '../../doctor/recommendations.ts';
import type { StepResult } from '../../doctor/step.ts';
import { tableArgument } from '../argument-parsers.ts';
import { addConnectionOptions, type ConnectionFlags } from '../connection-options.ts';
import { addEngineOptions, type EngineFlags, engineSettingsOf } from '../engine-option.ts';
import { EXIT, type ExitCode } from '../exit-code.ts';
import { handleOf } from '../handle.ts';
import {
  addLoaderConfigOptions,
  type LoaderConfigFlags,
  s3AccessOf,
} from '../loader-config-options.ts';
import type { RunCommand } from '../run-command.ts';
import { StopRequest } from '../signals.ts';
import { wrapped } from '../table.ts';
import type { Terminal } from '../terminal.ts';

interface DoctorFlags extends ConnectionFlags, EngineFlags, LoaderConfigFlags {
  readonly table?: TableName;
  readonly json?: boolean;
}

const HELP = `
Tries the connection, the schema relyt_sys, rights, S3 settings, clocks, the bucket, and a small load of difficult
values by the code of every load. Nothing is left behind: the load happens in a transaction that is rolled back, and
its objects are deleted. Exit code 0 when nothing failed, else 1.`;

export function addDoctorCommand(program: Command, terminal: Terminal, run: RunCommand): void {
  const command = program
    .command('doctor')
    .description('try everything a load needs, and say what to do about what fails')
    .option('--table <schema.table>', 'look at the rights on this table as well', tableArgument)
    .option('--json', 'print one JSON object');
  addEngineOptions(command);
  addLoaderConfigOptions(command);
  addConnectionOptions(command).addHelpText('after', HELP);
  command.action((flags: DoctorFlags) => run(() => doctor(flags, terminal)));
}

async function doctor(flags: DoctorFlags, terminal: Terminal): Promise<ExitCode> {
  const { table, json = false } = flags;
  using stop = new StopRequest(() => {
    if (!json) terminal.note('', 'cleaning up; once more ends at once');
  });
  const report = await handleOf(flags, s3AccessOf(flags)).doctor(
    { ...engineSettingsOf(flags), ...table },
    {
      signal: stop.signal,
      ...(json ? {} : { onStep: (step) => terminal.print(...stepLines(step)) }),
    },
  );
  if (json) terminal.printJson(report);
  else terminal.print(...closingLines(report));
  return report.ok ? EXIT.done : EXIT.failed;
}

const SIGNS: Readonly<Record<StepResult['status'], string>> = {
  ok: '✓',
  failed: '✗',
  skipped: '–',
};
/** Characters of the longest name of a step. */
const NAME_WIDTH = 17;
const LINE_WIDTH = 110;

function stepLines({ name, status, message, todo }: StepResult): string[] {
  const said = paragraph(`${SIGNS[status]} ${name.padEnd(NAME_WIDTH)} `, message);
  return todo === null ? said : [...said, ...paragraph(`${' '.repeat(NAME_WIDTH + 3)}→ `, todo)];
}

function paragraph(first: string, text: string): string[] {
  const indent = ' '.repeat(first.length);
  const lines = wrapped(text, LINE_WIDTH - first.length);
  return lines.map((line, n) => `${n === 0 ? first : indent}${line}`);
}

function closingLines({ ok, steps, recommendations }: ExaminationReport): string[] {
  const failed = steps.filter(({ status }) => status === 'failed').length;
  const stopped = failed === 0 && !ok;
  const verdict = ok
    ? 'Everything a load needs is there.'
    : stopped
      ? 'Stopped before the end.'
      : `${failed} of ${steps.length} steps failed.`;
  const advice = recommendations.flatMap(({ about, text }: Recommendation) =>
    paragraph(`  ${about.padEnd(NAME_WIDTH - 1)}  `, text),
  );
  return ['', verdict, ...(advice.length === 0 ? [] : ['', 'Recommended:', ...advice])];
}
