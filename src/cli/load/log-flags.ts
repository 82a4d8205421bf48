import { type Command, Option } from 'commander';
import { LOG_LEVELS, type LogLevel } from '../../config/logger.ts';
import type { Terminal } from '../terminal.ts';
import { LoadLog, type LogStyle } from './load-log.ts';

export interface LogFlags {
  readonly logFormat?: LogStyle['format'];
  readonly logLevel?: LogLevel;
  readonly verbose?: boolean;
}

export function addLogFlags(command: Command): void {
  command
    .addOption(
      new Option(
        '--log-format <format>',
        'write a log to standard error: text for people, or json with one object per line',
      ).choices(['text', 'json']),
    )
    .addOption(
      new Option('--log-level <level>', 'lowest level of log lines; default: info').choices(
        LOG_LEVELS,
      ),
    )
    .addOption(
      new Option('--verbose', 'the same as --log-level debug').conflicts(['logLevel', 'quiet']),
    );
}

/** Undefined where no log was asked for. */
export function logOf(flags: LogFlags, terminal: Terminal): LoadLog | undefined {
  const { logFormat, logLevel, verbose } = flags;
  if (logFormat === undefined && logLevel === undefined && verbose !== true) return undefined;
  const level = logLevel ?? (verbose ? 'debug' : 'info');
  return new LoadLog(terminal, { format: logFormat ?? 'text', level });
}

/** Whether standard error is to hold JSON alone, whether or not the rest of the command line is right. */
export function asksForJsonLog(args: readonly string[]): boolean {
  return args.some(
    (arg, index) =>
      arg === '--log-format=json' || (arg === '--log-format' && args[index + 1] === 'json'),
  );
}
