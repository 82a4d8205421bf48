/** The options of the command, and what `--help` says about them. */

import { parseArgs } from 'node:util';
import { RelytDevError } from '../dev-error.ts';
import type { StackOptions } from '../stack.ts';

export const HELP = `Usage: relyt-dev [options]

run a PostgreSQL and an S3 server for development

Options:
  --pg-port <port>  port of PostgreSQL; a free one by default
  --s3-port <port>  port of the S3 server; a free one by default
  --data-dir <dir>  keep the data here; by default they are removed at the end
  --json            print one JSON object when the servers are ready
  -V, --version     print the version
  -h, --help        print this text

Both listen on 127.0.0.1 only and run until Ctrl-C.`;

export interface CommandLine extends Pick<StackOptions, 'pgPort' | 's3Port' | 'dataDir'> {
  readonly json: boolean;
  readonly version: boolean;
  readonly help: boolean;
}

/** @throws RelytDevError DEV_OPTION_INVALID */
export function readCommandLine(args: readonly string[]): CommandLine {
  const values = parsed(args);
  return {
    pgPort: portOf('--pg-port', values['pg-port']),
    s3Port: portOf('--s3-port', values['s3-port']),
    dataDir: values['data-dir'],
    json: values.json,
    version: values.version,
    help: values.help,
  };
}

function parsed(args: readonly string[]) {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        'pg-port': { type: 'string' },
        's3-port': { type: 'string' },
        'data-dir': { type: 'string' },
        json: { type: 'boolean', default: false },
        version: { type: 'boolean', short: 'V', default: false },
        help: { type: 'boolean', short: 'h', default: false },
      },
    });
    return values;
  } catch (cause) {
    // Node explains at length how to escape a leading dash; the first sentence says it all.
    const [message = ''] = (cause instanceof Error ? cause.message : String(cause)).split('. ');
    throw invalid(message.endsWith('.') ? message : `${message}.`, cause);
  }
}

function portOf(option: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  if (port <= 65_535) return port;
  throw invalid(`${option} needs a whole number from 0 to 65535, not '${text}'.`);
}

function invalid(message: string, cause?: unknown): RelytDevError {
  return new RelytDevError('DEV_OPTION_INVALID', message, {
    hint: 'See `relyt-dev --help`.',
    cause,
  });
}
