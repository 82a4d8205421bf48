import type { TracingChannel } from 'node:diagnostics_channel';
import { safeCause, withoutSecrets } from '../core/safe-error.ts';
import { RelytError } from '../errors.ts';
import { type StepChannel, subscribedStep } from './channels.ts';
import type { DiagnosticMessages, StepMessage } from './messages.ts';

type MessageOf<Name extends StepChannel> = DiagnosticMessages[Name];

/** A step under way, as its tracing channel tells it. Errors are told without secrets (G7). */
export class WatchedStep<Message extends StepMessage> {
  readonly #channel: TracingChannel<unknown, object>;
  readonly #message: Message;
  readonly #started = performance.now();
  #ended = false;

  private constructor(channel: TracingChannel<unknown, object>, message: Message) {
    this.#channel = channel;
    this.#message = message;
  }

  /** Begins a step that ends elsewhere; undefined, and nothing is made, while nothing subscribes to it. */
  static begin<Name extends StepChannel>(
    name: Name,
    message: () => MessageOf<Name>,
  ): WatchedStep<MessageOf<Name>> | undefined {
    const step = WatchedStep.#of(name, message);
    if (step !== undefined) step.#start(() => undefined);
    return step;
  }

  /**
   * Does the work as a step.
   * @param told what the message has of its result, at the end
   */
  static async of<Name extends StepChannel, T>(
    name: Name,
    message: () => MessageOf<Name>,
    work: () => Promise<T>,
    told: (result: T) => Partial<MessageOf<Name>> = () => ({}),
  ): Promise<T> {
    const step = WatchedStep.#of(name, message);
    if (step === undefined) return work();
    try {
      const result = await step.#start(work);
      step.end(told(result));
      return result;
    } catch (error) {
      step.fail(error);
      throw error;
    }
  }

  static #of<Name extends StepChannel>(name: Name, message: () => MessageOf<Name>) {
    const channel = subscribedStep(name);
    return channel && new WatchedStep<MessageOf<Name>>(channel, message());
  }

  end(result: Partial<Message>): void {
    if (this.#ended) return;
    Object.assign(this.#message, result);
    this.#finish();
  }

  fail(error: unknown): void {
    if (this.#ended) return;
    this.#message.error = shownError(error);
    this.#channel.error.publish(this.#message);
    this.#finish();
  }

  #start<T>(work: () => T): T {
    const { start, end } = this.#channel;
    return start.runStores(this.#message, () => {
      try {
        return work();
      } finally {
        end.publish(this.#message);
      }
    });
  }

  #finish(): void {
    this.#ended = true;
    this.#message.seconds = (performance.now() - this.#started) / 1000;
    this.#channel.asyncStart.publish(this.#message);
    this.#channel.asyncEnd.publish(this.#message);
  }
}

/** Steps throw errors of this package; another one is a fault of it. */
function shownError(error: unknown): RelytError {
  if (error instanceof RelytError) return withoutSecrets(error);
  const cause = safeCause(error);
  return new RelytError('INTERNAL', cause.message, { cause });
}
