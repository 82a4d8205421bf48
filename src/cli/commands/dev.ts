import type { Command } from 'commander';
import type { Prepared } from '../../prepare/preparation.ts';
import { wholeNumber } from '../argument-parsers.ts';
import { type DevStack, loadDevPackage } from '../dev-package.ts';
import { EXIT, type ExitCode } from '../exit-code.ts';
import { prepareStack } from '../init/prepare-stack.ts';
import type { RunCommand } from '../run-command.ts';
import { StopRequest } from '../signals.ts';
import type { Terminal } from '../terminal.ts';

interface DevFlags {
  readonly pgPort?: number;
  readonly s3Port?: number;
  readonly dataDir?: string;
  readonly json?: boolean;
}

const port = wholeNumber(0, 65_535);

export function addDevCommand(program: Command, terminal: Terminal, run: RunCommand): void {
  program
    .command('dev')
    .description('run a PostgreSQL and an S3 server for development, ready for loads')
    .option('--pg-port <port>', 'port of PostgreSQL; default: a free one', port)
    .option('--s3-port <port>', 'port of the S3 server; default: a free one', port)
    .option('--data-dir <dir>', 'keep the data here; default: removed at the end')
    .option('--json', 'print one JSON object when the servers are ready')
    .addHelpText(
      'after',
      '\nBoth listen on 127.0.0.1 only and run until Ctrl-C. They need the package relyt-dev.',
    )
    .action((flags: DevFlags) => run(() => dev(flags, terminal)));
}

async function dev(flags: DevFlags, terminal: Terminal): Promise<ExitCode> {
  using stop = new StopRequest((name) => terminal.note(`${name}: stopping the servers`));
  const stack = await start(flags);
  try {
    const prepared = await prepareStack(stack);
    if (flags.json) terminal.printJson(readyJson(stack, flags));
    else terminal.print(...readyLines(stack, prepared, flags));
    await stop.arrived();
  } finally {
    await stack.stop();
  }
  if (!flags.json) terminal.print('stopped');
  return EXIT.done;
}

async function start({ pgPort, s3Port, dataDir }: DevFlags): Promise<DevStack> {
  const { startStack } = await loadDevPackage();
  return startStack({ pgPort, s3Port, dataDir });
}

function readyJson(stack: DevStack, flags: DevFlags): Record<string, unknown> {
  const { endpoint, bucket } = stack.s3;
  return {
    ok: true,
    databaseUrl: stack.postgres.url,
    postgresVersion: stack.postgres.version,
    s3: { endpoint, bucket },
    dataDir: flags.dataDir ?? null,
  };
}

function readyLines(stack: DevStack, prepared: Prepared, flags: DevFlags): string[] {
  const { postgres, s3 } = stack;
  const kept =
    flags.dataDir === undefined
      ? 'temporary, removed at the end (--data-dir keeps them)'
      : `kept in ${flags.dataDir}`;
  return [
    `PostgreSQL ${postgres.version} on ${postgres.host}:${postgres.port}`,
    `S3 on ${s3.endpoint}, bucket ${s3.bucket}, prefix ${prepared.s3?.prefix ?? ''}`,
    `data: ${kept}`,
    '',
    'In another terminal:',
    `  export DATABASE_URL='${postgres.url}'`,
    '  relyt load people.csv --table public.people',
    '',
    'Ctrl-C stops both servers.',
  ];
}
