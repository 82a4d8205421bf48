import { EventEmitter } from 'node:events';
import type { Ending } from '../core/ending.ts';
import { safeCause, withoutSecrets } from '../core/safe-error.ts';
import { sentence } from '../core/sentence.ts';
import { RelytError } from '../errors.ts';
import type { EventListener, ProcessorEvents, Progress } from '../events.ts';
import { EventQueue } from './event-queue.ts';
import { ProgressTicker } from './progress-ticker.ts';
import type { TaskLog } from './task-log.ts';

type EventName = keyof ProcessorEvents;

/** Tells the events of a task. Its listeners cannot break the task: what they throw becomes a warning. */
export class SafeEmitter {
  readonly #listeners = new EventEmitter();
  readonly #ticker = new ProgressTicker((progress) => this.report('progress', progress));
  readonly #log: TaskLog | undefined;
  readonly #queues = new Set<{ end(): void }>();
  #ended = false;

  constructor(log?: TaskLog) {
    this.#log = log;
  }

  /** From now on there is progress to tell. */
  tells(read: () => Progress): void {
    this.#ticker.reads(read);
  }

  on<Name extends EventName>(name: Name, listener: EventListener<Name>): void {
    this.#listeners.on(name, listener as (payload: unknown) => void);
    this.#tick();
  }

  once<Name extends EventName>(name: Name, listener: EventListener<Name>): void {
    this.#listeners.once(name, listener as (payload: unknown) => void);
    this.#tick();
  }

  off<Name extends EventName>(name: Name, listener: EventListener<Name>): void {
    this.#listeners.off(name, listener as (payload: unknown) => void);
    this.#tick();
  }

  /** The events of a name from now on, until the task has ended. */
  queue<Name extends EventName>(name: Name): EventQueue<ProcessorEvents[Name][0]> {
    const queue = new EventQueue<ProcessorEvents[Name][0]>(name, () => {
      this.#queues.delete(queue);
      this.off(name, add);
    });
    const add = ((payload: ProcessorEvents[Name][0]) =>
      queue.add(payload)) as unknown as EventListener<Name>;
    if (this.#ended) queue.end();
    else {
      this.#queues.add(queue);
      this.on(name, add);
    }
    return queue;
  }

  report<Name extends EventName>(name: Name, payload: ProcessorEvents[Name][0]): void {
    const listeners = this.#listeners.rawListeners(name);
    if (listeners.length === 0 && this.#log === undefined) return;
    const shown = safePayload(payload);
    this.#log?.event(name, shown);
    for (const listener of listeners) this.#tell(name, listener as () => unknown, shown);
    this.#tick();
  }

  /** The task has ended: nothing follows but its last progress, which is told now. */
  end(how: Ending['as']): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#log?.ended(how);
    this.#ticker.end(this.#listeners.listenerCount('progress') > 0);
    for (const queue of this.#queues) queue.end();
  }

  /** A listener may have come or gone, `once` ones by themselves. */
  #tick(): void {
    this.#ticker.run(this.#listeners.listenerCount('progress') > 0);
  }

  #tell(name: EventName, listener: (...given: never[]) => unknown, shown: unknown): void {
    try {
      const told: unknown = Reflect.apply(listener, undefined, [shown]);
      if (told instanceof Object && 'then' in told)
        Promise.resolve(told).catch((error: unknown) => this.#listenerFailed(name, error));
    } catch (error) {
      this.#listenerFailed(name, error);
    }
  }

  /** The listeners of warnings are told, unless it is one of theirs that failed; else the process is. */
  #listenerFailed(name: EventName, thrown: unknown): void {
    const cause = safeCause(thrown);
    const message = sentence(`A listener of '${name}' threw: ${cause.message}`);
    const failure = new RelytError('LISTENER_FAILED', message, { cause });
    const isHeard = name !== 'warning' && this.#listeners.listenerCount('warning') > 0;
    if (isHeard) {
      this.report('warning', failure);
      return;
    }
    this.#log?.event('warning', failure);
    process.emitWarning(message, { type: 'RelytListenerWarning', code: failure.code });
  }
}

/** Listeners log what they get (G7). */
function safePayload<Payload extends object>(payload: Payload): Payload {
  if (payload instanceof RelytError) return withoutSecrets(payload) as typeof payload;
  const { error } = payload as { readonly error?: unknown };
  return error instanceof RelytError ? { ...payload, error: withoutSecrets(error) } : payload;
}
