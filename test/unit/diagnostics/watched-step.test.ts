import { AsyncLocalStorage } from 'node:async_hooks';
import { tracingChannel } from 'node:diagnostics_channel';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { keepSecret } from '../../../src/core/redaction.ts';
import type { FreezeMessage } from '../../../src/diagnostics/messages.ts';
import { WatchedStep } from '../../../src/diagnostics/watched-step.ts';
import { RelytError } from '../../../src/errors.ts';

const MESSAGE: FreezeMessage = { processId: 'p-1', table: 'public.t', fileIds: [1], records: 5 };
const channel = tracingChannel<unknown, FreezeMessage>('relyt:freeze');
let stop = () => {};

/** Names of the events in their order, and the messages they came with. */
function watched() {
  const names: string[] = [];
  const messages = new Set<FreezeMessage>();
  const listener = (name: string) => (message: FreezeMessage) => {
    names.push(name);
    messages.add(message);
  };
  const listeners = {
    start: listener('start'),
    end: listener('end'),
    asyncStart: listener('asyncStart'),
    asyncEnd: listener('asyncEnd'),
    error: listener('error'),
  };
  channel.subscribe(listeners);
  stop = () => channel.unsubscribe(listeners);
  return { names, messages };
}

afterEach(() => stop());

describe('a step', () => {
  test('is told as a tracing channel tells a promise, by one object', async () => {
    const { names, messages } = watched();

    const result = await WatchedStep.of(
      'relyt:freeze',
      () => ({ ...MESSAGE }),
      async () => {
        names.push('work');
        return 7;
      },
      (records) => ({ records }) as Partial<FreezeMessage>,
    );

    expect(result).toBe(7);
    expect(names).toEqual(['start', 'work', 'end', 'asyncStart', 'asyncEnd']);
    expect([...messages]).toEqual([{ ...MESSAGE, records: 7, seconds: expect.any(Number) }]);
  });

  test('that fails rejects with its own error, and tells it without secrets (G7)', async () => {
    keepSecret('a-secret-of-a-step');
    const { names, messages } = watched();
    const failure = new RelytError('DATABASE_ERROR', 'with a-secret-of-a-step');
    const failing = () => Promise.reject(failure);

    await expect(WatchedStep.of('relyt:freeze', () => ({ ...MESSAGE }), failing)).rejects.toBe(
      failure,
    );

    expect(names).toEqual(['start', 'end', 'error', 'asyncStart', 'asyncEnd']);
    const [message] = messages;
    expect(message?.error?.code).toBe('DATABASE_ERROR');
    expect(String(message?.error)).not.toContain('a-secret');
  });

  test('ends once', () => {
    const { names } = watched();
    const step = WatchedStep.begin('relyt:freeze', () => ({ ...MESSAGE }));
    step?.end({});
    step?.end({});
    step?.fail(new Error('too late'));

    expect(names).toEqual(['start', 'end', 'asyncStart', 'asyncEnd']);
  });

  test('binds a store for its work', async () => {
    watched();
    const store = new AsyncLocalStorage<string>();
    channel.start.bindStore(store, ({ processId }) => processId);
    try {
      const seen = await WatchedStep.of(
        'relyt:freeze',
        () => ({ ...MESSAGE }),
        async () => store.getStore(),
      );
      expect(seen).toBe('p-1');
    } finally {
      channel.start.unbindStore(store);
    }
  });

  test('without subscribers makes nothing, and is the work itself', async () => {
    const message = vi.fn(() => ({ ...MESSAGE }));

    expect(await WatchedStep.of('relyt:freeze', message, async () => 7)).toBe(7);
    expect(WatchedStep.begin('relyt:freeze', message)).toBeUndefined();
    expect(message).not.toHaveBeenCalled();
  });
});
