import { RelytError } from '../errors.ts';

/** Events that wait for a loop; one that is further behind would keep all of them in memory (G5). */
const MOST_WAITING = 10_000;

type Read<Event> = IteratorResult<Event, undefined>;

/** The events of one name for a loop, in their order, from when it was made. */
export class EventQueue<Event> implements AsyncIterableIterator<Event, undefined> {
  readonly #name: string;
  readonly #left: () => void;
  readonly #waiting: Event[] = [];
  readonly #readers: ((read: Read<Event>) => void)[] = [];
  #failure: RelytError | undefined;
  #ended = false;

  /** @param left called when the queue takes no more events, before its end or at it */
  constructor(name: string, left: () => void) {
    this.#name = name;
    this.#left = left;
  }

  add(event: Event): void {
    if (this.#ended) return;
    const reader = this.#readers.shift();
    if (reader !== undefined) reader({ done: false, value: event });
    else if (this.#waiting.length < MOST_WAITING) this.#waiting.push(event);
    else {
      const message = `The loop over '${this.#name}' is more than ${MOST_WAITING} events behind.`;
      this.#failure = new RelytError('EVENTS_UNREAD', message);
      this.end();
    }
  }

  /** What waits is still given to the loop. */
  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#left();
    for (const reader of this.#readers.splice(0)) reader({ done: true, value: undefined });
  }

  next(): Promise<Read<Event>> {
    if (this.#waiting.length > 0)
      return Promise.resolve({ done: false, value: this.#waiting.shift() as Event });
    const failure = this.#failure;
    this.#failure = undefined;
    if (failure !== undefined) return Promise.reject(failure);
    if (this.#ended) return Promise.resolve({ done: true, value: undefined });
    return new Promise((resolve) => this.#readers.push(resolve));
  }

  /** The loop was left. */
  return(): Promise<Read<Event>> {
    this.#waiting.length = 0;
    this.end();
    return Promise.resolve({ done: true, value: undefined });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}
