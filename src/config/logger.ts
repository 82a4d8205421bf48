/**
 * What takes log lines: the shape of pino's logger, which others share. Each line has fields and a message.
 *
 * @example
 * ```ts
 * import type { Logger } from 'relyt-sdk';
 *
 * const line = (fields: object, message: string) => console.error(message, JSON.stringify(fields));
 * const logger: Logger = {
 *   trace: () => {},
 *   debug: () => {},
 *   info: line,
 *   warn: line,
 *   error: line,
 *   fatal: line,
 * };
 * ```
 */
export interface Logger {
  trace(fields: object, message: string): void;
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
  fatal(fields: object, message: string): void;
}

/** From the most verbose to the least. */
export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal'] as const;

export type LogLevel = (typeof LOG_LEVELS)[number];

export function isLogger(value: unknown): value is Logger {
  const given = value as Readonly<Partial<Record<LogLevel, unknown>>> | null | undefined;
  return LOG_LEVELS.every((level) => typeof given?.[level] === 'function');
}
