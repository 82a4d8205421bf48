import { type Command, Option } from 'commander';
import { wholeNumber } from '../argument-parsers.ts';
import { addConnectionOptions, type ConnectionFlags } from '../connection-options.ts';
import { EXIT, type ExitCode } from '../exit-code.ts';
import { handleOf } from '../handle.ts';
import type { RunCommand } from '../run-command.ts';
import { StopRequest } from '../signals.ts';
import type { Terminal } from '../terminal.ts';

interface MonitorFlags extends ConnectionFlags {
  readonly port: number;
  readonly host?: string;
  readonly token?: string;
  readonly json?: boolean;
}

const DEFAULT_PORT = 8642;

const HELP = `
The page shows what the role of the connection can see, and changes nothing: every transaction is read-only. It runs
until Ctrl-C. /metrics has metrics in the Prometheus text format, /healthz says whether the database answers.

On 127.0.0.1 every program on this machine can open the page; with a token, only programs that send it. Other addresses
require a token of at least 16 characters. It is sent in clear text, so put a proxy with TLS in front. Programs send it
as "Authorization: Bearer TOKEN".`;

export function addMonitorCommand(program: Command, terminal: Terminal, run: RunCommand): void {
  const command = program
    .command('monitor')
    .description('serve a web page that shows tasks as they run')
    .option(
      '--port <port>',
      'port to listen on; 0 for a free one',
      wholeNumber(0, 65_535),
      DEFAULT_PORT,
    )
    .option('--host <host>', 'address to listen on (default: 127.0.0.1); others require a token')
    .addOption(
      new Option('--token <token>', 'require this token; prefer the environment').env(
        'RELYT_MONITOR_TOKEN',
      ),
    )
    .option('--json', 'print one JSON object when the page is ready');
  addConnectionOptions(command).addHelpText('after', HELP);
  command.action((flags: MonitorFlags) => run(() => monitor(flags, terminal)));
}

async function monitor(flags: MonitorFlags, terminal: Terminal): Promise<ExitCode> {
  const { host, port, token, json = false } = flags;
  using stop = new StopRequest();
  const given = token === undefined ? {} : { token };
  await using started = await handleOf(flags).monitor({ host, port, ...given });
  if (json) terminal.printJson({ ok: true, url: started.url });
  else terminal.print(`The monitor is at ${started.url}`, 'Ctrl-C stops it.');
  await stop.arrived();
  return EXIT.done;
}
