/** Starts both servers, says how to reach them, and stops them at the first signal. */

import { readFileSync } from 'node:fs';
import { RelytDevError } from '../dev-error.ts';
import { startStack } from '../stack.ts';
import { type CommandLine, HELP, readCommandLine } from './command-line.ts';
import { readyJson, readyText } from './ready.ts';
import { StopSignal } from './stop-signal.ts';

const EXIT = { done: 0, failed: 1, usage: 2 } as const;

/** Never rejects: an error is reported. The result is the exit code. */
export async function relytDev(args: readonly string[]): Promise<number> {
  try {
    const line = readCommandLine(args);
    if (line.help) print(HELP);
    else if (line.version) print(ownVersion());
    else await serve(line);
    return EXIT.done;
  } catch (error) {
    const code = report(error, args.includes('--json'));
    return code === 'DEV_OPTION_INVALID' ? EXIT.usage : EXIT.failed;
  }
}

async function serve(line: CommandLine): Promise<void> {
  using stop = new StopSignal((name) => note(`${name}: stopping the servers`));
  const stack = await startStack(line);
  try {
    print(line.json ? readyJson(stack, line.dataDir) : readyText(stack, line.dataDir));
    await stop.arrived;
  } finally {
    await stack.stop();
  }
  if (!line.json) print('stopped');
}

/** @returns the code of the error */
function report(error: unknown, json: boolean): string {
  const { code, message, hint } = described(error);
  if (json) print(JSON.stringify({ ok: false, code, message, hint }));
  else note([`relyt-dev: ${message}`, `  hint: ${hint}`, `  code: ${code}`].join('\n'));
  return code;
}

function described(error: unknown): Pick<RelytDevError, 'message' | 'hint'> & { code: string } {
  if (error instanceof RelytDevError) return error;
  const message = error instanceof Error ? error.message : String(error);
  return { code: 'INTERNAL', message, hint: 'Report it with this message.' };
}

function ownVersion(): string {
  const manifest = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  return (JSON.parse(manifest) as { version: string }).version;
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

function note(text: string): void {
  process.stderr.write(`${text}\n`);
}
