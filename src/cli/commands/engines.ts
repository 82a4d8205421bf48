import type { Command } from 'commander';
import { listEngines } from '../../administration.ts';
import type { EngineChoice, EngineDescription } from '../../operations/engine-choice.ts';
import { addConnectionOptions, type ConnectionFlags } from '../connection-options.ts';
import { EXIT, type ExitCode } from '../exit-code.ts';
import { handleOf } from '../handle.ts';
import type { RunCommand } from '../run-command.ts';
import { wrapped } from '../table.ts';
import type { Terminal } from '../terminal.ts';

interface EnginesFlags extends ConnectionFlags {
  readonly json?: boolean;
}

const HELP = `
Needs no database. With one, also says which engine 'auto' would choose for it, and why.`;

export function addEnginesCommand(program: Command, terminal: Terminal, run: RunCommand): void {
  const command = program
    .command('engines')
    .description('list the ways in which databases read staged files')
    .option('--json', 'print one JSON object');
  addConnectionOptions(command).addHelpText('after', HELP);
  command.action((flags: EnginesFlags) => run(() => engines(flags, terminal)));
}

async function engines(flags: EnginesFlags, terminal: Terminal): Promise<ExitCode> {
  const described = await listEngines();
  const chosen = flags.databaseUrl ? await handleOf(flags).engine() : undefined;
  if (flags.json) {
    terminal.printJson({ ok: true, engines: described, chosen: chosen ?? null });
    return EXIT.done;
  }
  const width = Math.min(terminal.outWidth, 110);
  const [first = [], ...others] = described.map((engine) => engineLines(engine, width));
  terminal.print(...first, ...others.flatMap((lines) => ['', ...lines]));
  if (chosen !== undefined) terminal.print('', ...choiceLines(chosen, width));
  return EXIT.done;
}

const LABEL_WIDTH = 12;

function engineLines(described: EngineDescription, width: number): string[] {
  const { engine, databases, reads, needs, upserts } = described;
  const facts = { for: databases, reads, needs, upserts };
  return [engine, ...Object.entries(facts).flatMap(([label, text]) => fact(label, text, width))];
}

function fact(label: string, text: string, width: number): string[] {
  return wrapped(text, width - LABEL_WIDTH).map(
    (line, n) => `${(n === 0 ? `  ${label}` : '').padEnd(LABEL_WIDTH)}${line}`,
  );
}

function choiceLines(
  { engine, version, reason, withoutS3 }: EngineChoice,
  width: number,
): string[] {
  const otherwise =
    withoutS3 === null ? '' : ` Where no S3 is configured, it chooses ${withoutS3} instead.`;
  return wrapped(`For ${version} 'auto' chooses ${engine}, because ${reason}.${otherwise}`, width);
}
