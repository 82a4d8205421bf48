import { channel } from 'node:diagnostics_channel';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { resolveConfig } from '../../../src/config/load-schema.ts';
import { LOG_LEVELS, type Logger } from '../../../src/config/logger.ts';
import { keepSecret } from '../../../src/core/redaction.ts';
import { RelytError } from '../../../src/errors.ts';
import { SafeEmitter } from '../../../src/task/safe-emitter.ts';
import { TaskLog } from '../../../src/task/task-log.ts';

const retries = channel('relyt:retry');
const RETRY = { step: 'import', processId: 'p-1', attempt: 1, waitSeconds: 0.2, code: '40001' };

function logged(write: (...line: unknown[]) => unknown = () => undefined) {
  const lines: unknown[][] = [];
  const logger = Object.fromEntries(
    LOG_LEVELS.map((level) => [
      level,
      (fields: object, message: string) => {
        lines.push([level, fields, message]);
        return write(fields, message);
      },
    ]),
  ) as unknown as Logger;
  const log = new TaskLog(logger, 'p-1');
  return { lines, log, emitter: new SafeEmitter(log) };
}

afterEach(() => vi.restoreAllMocks());

test('the log of a task tells its events, its retries and its end, and stops there', () => {
  const { lines, log, emitter } = logged();
  log.begun({ table: 'public.t', engine: 'copy', resumed: false });
  retries.publish(RETRY);
  retries.publish({ ...RETRY, processId: 'p-2' });
  emitter.report('failed', new RelytError('DATABASE_ERROR', 'x'));
  emitter.end('failed');
  retries.publish(RETRY);

  const { processId, ...retry } = RETRY;
  expect(lines).toEqual([
    ['info', { processId, table: 'public.t', engine: 'copy', resumed: false }, 'the task begins'],
    ['warn', { processId, ...retry }, 'something failed and is tried again'],
    [
      'error',
      { processId, err: expect.objectContaining({ code: 'DATABASE_ERROR', retry: 'manual' }) },
      'the task failed',
    ],
    ['info', { processId, ended: 'failed' }, 'the task has ended'],
  ]);
  expect(retries.hasSubscribers).toBe(false);
});

test('no line has a secret (G7)', () => {
  keepSecret('a-secret-of-a-log');
  const { lines, emitter } = logged();
  const error = new RelytError('DATABASE_ERROR', 'with a-secret-of-a-log', {
    cause: new Error('because of a-secret-of-a-log'),
  });
  emitter.report('failed', error);
  emitter.report('warning', error);
  emitter.report('recordRejected', { record: 1, error });
  emitter.end('failed');

  expect(lines).toHaveLength(4);
  expect(JSON.stringify(lines)).not.toContain('a-secret');
});

describe('a logger that fails', () => {
  test.each([
    [
      'throws',
      () => {
        throw new Error('disk full');
      },
    ],
    ['rejects', () => Promise.reject(new Error('disk full'))],
  ])('and %s is told to the process once, and harms nothing (G1)', async (_, write) => {
    const warn = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
    const { emitter } = logged(write);
    const heard: string[] = [];
    emitter.on('warning', ({ code }) => heard.push(code));
    for (let n = 0; n < 3; n++) emitter.report('warning', new RelytError('INTERNAL', 'x'));
    emitter.end('completed');

    await vi.waitFor(() => expect(warn).toHaveBeenCalledOnce());
    expect(heard).toEqual(['INTERNAL', 'INTERNAL', 'INTERNAL']);
  });
});

test.each([[{}], [{ info: () => undefined }], ['pino'], [null]])(
  'what is no logger is refused: %j',
  (logger) => {
    expect(() => resolveConfig({ postgresql: { table: 't' }, logger: logger as never })).toThrow(
      /logger: expected the methods trace, debug, info, warn, error and fatal/,
    );
  },
);
