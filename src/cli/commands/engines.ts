import type { Command } from 'commander';
import { databaseTraits, profileOf, reasonFor } from '../../engines/detect.ts';
import { type EngineProfile, PROFILES } from '../../engines/profiles.ts';
import {
  addConnectionOptions,
  type ConnectionFlags,
  withConnection,
} from '../connection-options.ts';
import { EXIT, type ExitCode } from '../exit-code.ts';
import type { RunCommand } from '../run-command.ts';
import { wrapped } from '../table.ts';
import type { Terminal } from '../terminal.ts';

interface EnginesFlags extends ConnectionFlags {
  readonly json?: boolean;
}

const HELP = `
Needs no database. With one, says also which engine 'auto' would choose for it, and why.`;

export function addEnginesCommand(program: Command, terminal: Terminal, run: RunCommand): void {
  const command = program
    .command('engines')
    .description('list the ways in which databases read staged files')
    .option('--json', 'print one JSON object');
  addConnectionOptions(command).addHelpText('after', HELP);
  command.action((flags: EnginesFlags) => run(() => engines(flags, terminal)));
}

/** What 'auto' would choose for a database. */
interface Choice {
  readonly engine: EngineProfile['engine'];
  readonly name: string;
  /** `select version()`, without the compiler. */
  readonly version: string;
  /** As a sentence. */
  readonly reason: string;
  /** What it would choose instead where no S3 is configured; null where the database needs S3. */
  readonly withoutS3: EngineProfile['engine'] | null;
}

async function engines(flags: EnginesFlags, terminal: Terminal): Promise<ExitCode> {
  const profiles = Object.values(PROFILES);
  const chosen = flags.databaseUrl ? await choiceFor(flags) : undefined;
  if (flags.json) {
    const listed = profiles.map(({ engine, name, databases, reads, needs, upserts }) => {
      return { engine, name, databases, reads, needs, upserts };
    });
    terminal.printJson({ ok: true, engines: listed, chosen: chosen ?? null });
    return EXIT.done;
  }
  const width = Math.min(terminal.outWidth, 110);
  const [first = [], ...others] = profiles.map((profile) => profileLines(profile, width));
  terminal.print(...first, ...others.flatMap((lines) => ['', ...lines]));
  if (chosen !== undefined) terminal.print('', ...choiceLines(chosen, width));
  return EXIT.done;
}

const LABEL_WIDTH = 12;

function profileLines(profile: EngineProfile, width: number): string[] {
  const { engine, databases, reads, needs, upserts } = profile;
  const facts = { for: databases, reads, needs, upserts };
  return [engine, ...Object.entries(facts).flatMap(([label, text]) => fact(label, text, width))];
}

function fact(label: string, text: string, width: number): string[] {
  return wrapped(text, width - LABEL_WIDTH).map(
    (line, n) => `${(n === 0 ? `  ${label}` : '').padEnd(LABEL_WIDTH)}${line}`,
  );
}

function choiceLines({ engine, version, reason, withoutS3 }: Choice, width: number): string[] {
  const otherwise =
    withoutS3 === null ? '' : ` Where no S3 is configured, it chooses ${withoutS3} instead.`;
  return wrapped(`For ${version} 'auto' chooses ${engine}, because ${reason}.${otherwise}`, width);
}

function choiceFor(flags: ConnectionFlags): Promise<Choice> {
  return withConnection(flags, async (database) => {
    const traits = await databaseTraits(database);
    const { engine, name, dialect } = profileOf(traits, 'auto');
    const withoutS3 = dialect.distributed ? null : PROFILES.direct.engine;
    const version = traits.version.split(' on ')[0] ?? traits.version;
    return { engine, name, version, reason: reasonFor(engine, traits), withoutS3 };
  });
}
