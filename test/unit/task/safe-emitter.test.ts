import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { RelytError } from '../../../src/errors.ts';
import type { FileEvent, Progress } from '../../../src/events.ts';
import { SafeEmitter } from '../../../src/task/safe-emitter.ts';

const FILE: FileEvent = { fileId: '1', key: 'k', records: 1, bytes: 10, layout: 'csv' };
const numbered = (fileId: number): FileEvent => ({ ...FILE, fileId: String(fileId) });

function progressOf(received: number): Progress {
  const rows = { inserted: 0, updated: 0, skipped: 0, superseded: 0, rejected: 0 };
  const files = { filesCreated: 0, filesFrozen: 0, filesImported: 0 };
  return { received, rejected: 0, imported: 0, encodedBytes: 0, ...files, rows, elapsedSeconds: 0 };
}

afterEach(() => vi.restoreAllMocks());

describe('a listener that fails', () => {
  const failing: [string, () => unknown][] = [
    [
      'throws',
      () => {
        throw new Error('no disk');
      },
    ],
    ['rejects', () => Promise.reject(new Error('no disk'))],
    [
      'throws null',
      () => {
        throw null;
      },
    ],
    [
      'returns a broken promise',
      () =>
        Object.defineProperty({}, 'then', {
          get: () => {
            throw new Error('no disk');
          },
        }),
    ],
  ];

  test.each(failing)(
    'and %s is told as a warning; the others hear of the event (G1)',
    async (_, fail) => {
      const emitter = new SafeEmitter();
      const warnings: RelytError[] = [];
      const files: unknown[] = [];
      emitter.on('warning', (warning) => warnings.push(warning));
      emitter.on('fileFrozen', fail as () => void);
      emitter.on('fileFrozen', (file) => files.push(file));

      expect(() => emitter.report('fileFrozen', FILE)).not.toThrow();

      await vi.waitFor(() => expect(warnings).toHaveLength(1));
      expect(warnings[0]).toMatchObject({
        code: 'LISTENER_FAILED',
        message: expect.stringMatching(/^A listener of 'fileFrozen' threw: /),
      });
      expect(files).toEqual([FILE]);
    },
  );

  test.each(failing)('of warnings and %s is told to the process, once', async (_, fail) => {
    const warn = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
    const emitter = new SafeEmitter();
    emitter.on('warning', fail as () => void);

    emitter.report('warning', new RelytError('INTERNAL', 'x'));

    await vi.waitFor(() => expect(warn).toHaveBeenCalledOnce());
    expect(warn.mock.calls[0]?.[1]).toMatchObject({ code: 'LISTENER_FAILED' });
  });

  test('without a listener of warnings is told to the process', () => {
    const warn = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
    const emitter = new SafeEmitter();
    emitter.on('failed', () => {
      throw new Error('no disk');
    });

    emitter.report('failed', new RelytError('INTERNAL', 'x'));

    expect(warn).toHaveBeenCalledOnce();
  });
});

test('once() hears of one event, off() ends on() and once()', () => {
  const emitter = new SafeEmitter();
  const heard: string[] = [];
  const always = ({ fileId }: FileEvent) => heard.push(`on ${fileId}`);
  const never = () => heard.push('never');
  emitter.on('fileFrozen', always);
  emitter.once('fileFrozen', ({ fileId }) => heard.push(`once ${fileId}`));
  emitter.once('fileFrozen', never);
  emitter.off('fileFrozen', never);
  emitter.report('fileFrozen', numbered(1));
  emitter.report('fileFrozen', numbered(2));
  emitter.off('fileFrozen', always);
  emitter.report('fileFrozen', numbered(3));

  expect(heard).toEqual(['on 1', 'once 1', 'on 2']);
});

describe('progress', () => {
  beforeEach(() => {
    vi.useFakeTimers();
    return () => vi.useRealTimers();
  });

  function watched() {
    const emitter = new SafeEmitter();
    let received = 0;
    emitter.tells(() => progressOf(++received));
    const seen: number[] = [];
    return { emitter, seen, listener: (progress: Progress) => seen.push(progress.received) };
  }

  test('is told once a second, however much happens, and once more at the end', () => {
    const { emitter, seen, listener } = watched();
    emitter.on('progress', listener);
    for (let n = 0; n < 100; n++) emitter.report('fileFrozen', FILE);
    expect(seen).toEqual([]);
    vi.advanceTimersByTime(2999);
    expect(seen).toEqual([1, 2]);

    emitter.end('completed');
    emitter.end('completed');
    vi.advanceTimersByTime(10_000);
    emitter.on('progress', listener);
    vi.advanceTimersByTime(10_000);
    expect(seen).toEqual([1, 2, 3]);
  });

  test('costs no timer while nothing listens, and its timer keeps no process alive', () => {
    const { emitter, seen, listener } = watched();
    expect(vi.getTimerCount()).toBe(0);
    const set = vi.spyOn(globalThis, 'setInterval');
    emitter.on('progress', listener);
    expect(vi.getTimerCount()).toBe(1);
    const timers = set.mock.results.map(({ value }) => value as NodeJS.Timeout);
    expect(timers.map((timer) => timer.hasRef())).toEqual([false]);
    emitter.off('progress', listener);
    expect(vi.getTimerCount()).toBe(0);

    emitter.once('progress', listener);
    vi.advanceTimersByTime(5000);
    expect(seen).toEqual([1]);
    expect(vi.getTimerCount()).toBe(0);
    emitter.end('completed');
    expect(seen).toEqual([1]);
  });
});

describe('a loop over events', () => {
  test('gets those since it was asked for, in their order, and ends with the task', async () => {
    const emitter = new SafeEmitter();
    const queue = emitter.queue('fileFrozen');
    emitter.report('fileFrozen', numbered(1));
    const seen: string[] = [];
    const loop = (async () => {
      for await (const { fileId } of queue) seen.push(fileId);
    })();
    await vi.waitFor(() => expect(seen).toEqual(['1']));
    emitter.report('fileFrozen', numbered(2));
    emitter.report('fileFrozen', numbered(3));
    emitter.end('completed');
    await loop;

    expect(seen).toEqual(['1', '2', '3']);
    expect(await emitter.queue('fileFrozen').next()).toEqual({ done: true, value: undefined });
  });

  test('that is left hears of nothing more', async () => {
    const emitter = new SafeEmitter();
    const queue = emitter.queue('fileFrozen');
    emitter.report('fileFrozen', numbered(1));
    for await (const _ of queue) break;
    emitter.report('fileFrozen', numbered(2));

    expect(await queue.next()).toEqual({ done: true, value: undefined });
  });

  test('that is far behind ends with an error, so that memory stays bounded (G5)', async () => {
    const emitter = new SafeEmitter();
    const queue = emitter.queue('fileFrozen');
    for (let n = 0; n < 20_000; n++) emitter.report('fileFrozen', FILE);
    let seen = 0;
    const loop = (async () => {
      for await (const _ of queue) seen++;
    })();

    await expect(loop).rejects.toMatchObject({ code: 'EVENTS_UNREAD' });
    expect(seen).toBe(10_000);
  });
});
