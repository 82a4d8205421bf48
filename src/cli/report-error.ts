/** The form of errors: three lines on stderr, or one JSON object on stdout. Never a stack unless RELYT_DEBUG is set. */

import { CommanderError } from 'commander';
import { redact } from '../core/redaction.ts';
import { withoutSecrets } from '../core/safe-error.ts';
import { asRelytError } from '../core/task-failure.ts';
import { type ErrorDetails, RelytError } from '../errors.ts';
import { type DevError, isDevError } from './dev-package.ts';
import { EXIT, type ExitCode, exitCodeOf } from './exit-code.ts';
import { type Line, toned } from './line.ts';
import { jsonLogLine } from './load/load-log.ts';
import type { Terminal } from './terminal.ts';

export interface ErrorReport {
  readonly json: boolean;
  /** Standard error holds one JSON object a line. */
  readonly logsJson?: boolean;
  /** More members of the JSON object. */
  readonly also?: Readonly<Record<string, unknown>> | undefined;
}

/** Reports what went wrong; returns the exit code. */
export function reportError(terminal: Terminal, thrown: unknown, report: ErrorReport): ExitCode {
  const error = described(thrown);
  if (report.json) {
    terminal.printJson({ ok: false, ...errorJson(error), ...report.also });
  } else if (report.logsJson) {
    const { message, ...err } = errorJson(error);
    terminal.note(
      jsonLogLine('fatal', { err: { message, ...err }, ...report.also }, error.message),
    );
  } else {
    const { processId } = error.details;
    const task: readonly Line[] = processId === undefined ? [] : [`  task: ${processId}`];
    terminal.note(...errorLines(error), ...task);
  }
  if (process.env.RELYT_DEBUG && !report.logsJson)
    terminal.note(...redact(stacks(thrown)).split('\n'));
  return exitCodeOf(error);
}

/** What any error says, on three lines. */
export function errorLines({ message, hint, code }: Omit<Described, 'details'>): Line[] {
  return [
    [toned('bad', 'relyt:'), ` ${message}`],
    ['  ', toned('advice', 'hint:'), ` ${hint}`],
    ['  code: ', toned('bad', code)],
  ];
}

/** What is said about an error, whatever package it comes from. */
interface Described {
  readonly code: string;
  readonly message: string;
  readonly hint: string;
  readonly details: ErrorDetails;
}

function described(thrown: unknown): Described {
  if (thrown instanceof CommanderError) return usageError(thrown);
  return isDevError(thrown) ? devError(thrown) : asRelytError(thrown);
}

function devError({ code, message, hint }: DevError): Described {
  return { code, message: redact(message), hint: redact(hint), details: {} };
}

function errorJson(error: Described): Record<string, unknown> {
  const { code, message, hint, details } = error;
  return { code, message, hint, details, processId: details.processId ?? null };
}

/** An error of the command line itself: exit code 0 means that help or the version was asked for. */
export function reportUsage(
  terminal: Terminal,
  error: CommanderError,
  report: ErrorReport,
): ExitCode {
  if (error.exitCode === 0) return EXIT.done;
  // Without a command there is nothing wrong to name: commander has shown the help.
  if (error.code === 'commander.help') return EXIT.usage;
  return reportError(terminal, error, report);
}

function usageError(error: CommanderError): RelytError {
  const [first = '', ...rest] = error.message.split('\n');
  const suggestion = rest.join(' ').replace(/^\(|\)$/g, '');
  // An unknown option is quoted with its value, and the value may be a secret.
  const message = first.replace(/^error: /, '').replace(/(unknown option '[^=']*)=.*'/, "$1'");
  return withoutSecrets(
    new RelytError('CONFIG_INVALID', message, {
      hint: suggestion === '' ? 'See `relyt --help`, or `relyt COMMAND --help`.' : suggestion,
      cause: error,
    }),
  );
}

function stacks(thrown: unknown): string {
  const lines: string[] = [];
  for (let error = thrown; error instanceof Error; error = error.cause) {
    lines.push(`${lines.length === 0 ? '' : 'caused by: '}${error.stack ?? error.message}`);
  }
  return lines.join('\n');
}
