/** The log of a load on standard error: lines for people, or one JSON object a line. */

import { LOG_LEVELS, type Logger, type LogLevel } from '../../config/logger.ts';
import { jsonLine } from '../../core/control-characters.ts';
import { redact } from '../../core/redaction.ts';
import type { RelytErrorJson } from '../../errors.ts';
import { type Line, type Tone, toned } from '../line.ts';
import type { Terminal } from '../terminal.ts';

export interface LogStyle {
  readonly format: 'text' | 'json';
  /** Lines below it are not written. */
  readonly level: LogLevel;
}

export class LoadLog implements Logger {
  readonly #terminal: Terminal;
  readonly #style: LogStyle;

  constructor(terminal: Terminal, style: LogStyle) {
    this.#terminal = terminal;
    this.#style = style;
  }

  /** Then nothing else may be on standard error. */
  get isJson(): boolean {
    return this.#style.format === 'json';
  }

  readonly trace = this.#writer('trace');
  readonly debug = this.#writer('debug');
  readonly info = this.#writer('info');
  readonly warn = this.#writer('warn');
  readonly error = this.#writer('error');
  readonly fatal = this.#writer('fatal');

  #writer(level: LogLevel): Logger[LogLevel] {
    return (fields, message) => {
      const { format, level: lowest } = this.#style;
      if (LOG_LEVELS.indexOf(level) < LOG_LEVELS.indexOf(lowest)) return;
      this.#terminal.clearProgress();
      const line = format === 'json' ? jsonLogLine : textLogLine;
      this.#terminal.note(line(level, fields, message));
    };
  }
}

/** Time in UTC, level and message first. */
export function jsonLogLine(level: LogLevel, fields: object, message: string): string {
  return redact(jsonLine({ time: new Date().toISOString(), level, msg: message, ...fields }));
}

const TONES: Partial<Record<LogLevel, Tone>> = { warn: 'caution', error: 'bad', fatal: 'bad' };

function textLogLine(level: LogLevel, fields: object, message: string): Line {
  const shown = Object.entries(fields).map(([name, value]) => shownField(name, value));
  const name = level.toUpperCase().padEnd(5);
  const tone = TONES[level];
  return [
    `${new Date().toISOString()} `,
    tone === undefined ? name : toned(tone, name),
    redact(` ${[message, ...shown].join(' ')}`),
  ];
}

function shownField(name: string, value: unknown): string {
  if (name === 'err') {
    const { code, message, hint } = value as RelytErrorJson;
    return `[${code}] ${message} (hint: ${hint})`;
  }
  return `${name}=${typeof value === 'string' ? value : jsonLine(value ?? null)}`;
}
