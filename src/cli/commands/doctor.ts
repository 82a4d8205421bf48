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
import { type Line, plainLine, type Toned, toned } from '../line.ts';
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
Checks the connection, the schema relyt_sys, privileges, S3 settings, clocks and the bucket, and runs a small load of
difficult values through the code of every load. It leaves nothing behind: the load runs in a transaction that is rolled
back, and its objects are deleted. The exit code is 0 if nothing failed, else 1.`;

export function addDoctorCommand(program: Command, terminal: Terminal, run: RunCommand): void {
  const command = program
    .command('doctor')
    .description('check everything a load needs, and say how to fix what fails')
    .option('--table <schema.table>', 'check the privileges on this table as well', tableArgument)
    .option('--json', 'print one JSON object');
  addEngineOptions(command);
  addLoaderConfigOptions(command);
  addConnectionOptions(command).addHelpText('after', HELP);
  command.action((flags: DoctorFlags) => run(() => doctor(flags, terminal)));
}

async function doctor(flags: DoctorFlags, terminal: Terminal): Promise<ExitCode> {
  const { table, json = false } = flags;
  using stop = new StopRequest(() => {
    if (!json) terminal.note('', 'cleaning up; a second signal ends at once');
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

const SIGNS: Readonly<Record<StepResult['status'], Toned>> = {
  ok: toned('good', '✓'),
  failed: toned('bad', '✗'),
  skipped: toned('aside', '–'),
};
/** Characters of the longest name of a step. */
const NAME_WIDTH = 17;
const LINE_WIDTH = 110;

function stepLines({ name, status, message, todo }: StepResult): Line[] {
  const said = paragraph([SIGNS[status], ` ${name.padEnd(NAME_WIDTH)} `], message);
  if (todo === null) return said;
  return [...said, ...paragraph([' '.repeat(NAME_WIDTH + 3), toned('advice', '→'), ' '], todo)];
}

function paragraph(first: Exclude<Line, string>, text: string): Line[] {
  const { length } = plainLine(first);
  const lines = wrapped(text, LINE_WIDTH - length);
  return lines.map((line, n) => [...(n === 0 ? first : [' '.repeat(length)]), line]);
}

function closingLines(report: ExaminationReport): Line[] {
  const advice = report.recommendations.flatMap(({ about, text }: Recommendation) =>
    paragraph([`  ${about.padEnd(NAME_WIDTH - 1)}  `], text),
  );
  return ['', [verdict(report)], ...(advice.length === 0 ? [] : ['', 'Recommended:', ...advice])];
}

function verdict({ ok, steps }: ExaminationReport): Toned {
  const failed = steps.filter(({ status }) => status === 'failed').length;
  if (ok) return toned('good', 'Everything a load needs is there.');
  if (failed === 0) return toned('caution', 'Stopped before the end.');
  return toned('bad', `${failed} of ${steps.length} steps failed.`);
}
