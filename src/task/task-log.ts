import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { Logger, LogLevel } from '../config/logger.ts';
import type { Ending } from '../core/ending.ts';
import { safeCause } from '../core/safe-error.ts';
import { sentence } from '../core/sentence.ts';
import type { RetryMessage } from '../diagnostics/messages.ts';
import type { RelytError } from '../errors.ts';
import type { ProcessorEvents } from '../events.ts';

type Line = readonly [level: LogLevel, fields: object, message: string];

/** How each event is logged. Progress is for displays: it would fill a log. */
const LINES: {
  readonly [Name in keyof ProcessorEvents]?: (payload: ProcessorEvents[Name][0]) => Line;
} = {
  fileFrozen: (file) => ['debug', file, 'a staged file is safe'],
  imported: ({ fileIds, ...imported }) => [
    'info',
    { ...imported, files: fileIds.length },
    'an import was committed',
  ],
  recordRejected: ({ record, error }) => [
    'warn',
    { record, err: error.toJSON() },
    'a record was rejected',
  ],
  warning: (error) => ['warn', { err: error.toJSON() }, error.message],
  failed: (error) => ['error', { err: error.toJSON() }, 'the task failed'],
};

/** Writes the log of a task. A logger that throws cannot break the task. */
export class TaskLog {
  readonly #logger: Logger;
  readonly #processId: string;
  #hasFailed = false;

  constructor(logger: Logger, processId: string) {
    this.#logger = logger;
    this.#processId = processId;
    subscribe('relyt:retry', this.#retried);
  }

  /** @param payload without secrets */
  event<Name extends keyof ProcessorEvents>(name: Name, payload: ProcessorEvents[Name][0]): void {
    const line = LINES[name]?.(payload);
    if (line !== undefined) this.#write(...line);
  }

  #write(level: LogLevel, fields: object, message: string): void {
    try {
      const given: unknown = this.#logger[level](
        { processId: this.#processId, ...fields },
        message,
      );
      if (given instanceof Promise) given.catch((error: unknown) => this.#loggerFailed(error));
    } catch (error) {
      this.#loggerFailed(error);
    }
  }

  begun(fields: {
    readonly table: string;
    readonly engine: string;
    readonly resumed: boolean;
  }): void {
    this.#write('info', fields, 'the task begins');
  }

  ended(how: Ending['as']): void {
    unsubscribe('relyt:retry', this.#retried);
    this.#write('info', { ended: how }, 'the task has ended');
  }

  readonly #retried = (message: unknown): void => {
    const { processId, ...retry } = message as RetryMessage;
    if (processId === this.#processId)
      this.#write('warn', retry, 'something failed and is tried again');
  };

  /** Once for each task: the next line may fail as well. */
  #loggerFailed(thrown: unknown): void {
    if (this.#hasFailed) return;
    this.#hasFailed = true;
    const code: RelytError['code'] = 'LISTENER_FAILED';
    const message = sentence(`The logger threw: ${safeCause(thrown).message}`);
    process.emitWarning(message, { type: 'RelytListenerWarning', code });
  }
}
