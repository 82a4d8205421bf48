// What the diagnostics channels tell of a real load, and that it agrees with what was loaded.

import { channel, subscribe, tracingChannel, unsubscribe } from 'node:diagnostics_channel';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { DiagnosticMessages } from '../../../src/diagnostics/messages.ts';
import { failureOf, generate, targetsOn } from '../../support/loading.ts';
import { S3Proxy } from '../../support/s3-proxy.ts';
import { defaultServer, testStack } from '../../support/stack.ts';

const record = (n: number) => ({ id: n, v: `value ${n}` });
const COLUMNS = 'id int primary key, v text';

/** Messages of all loads of this process from now on, in their order; those of steps once, when they end. */
function watchAll() {
  const seen: { name: keyof DiagnosticMessages; message: Record<string, unknown> }[] = [];
  const into = (name: keyof DiagnosticMessages) => (message: unknown) => {
    seen.push({ name, message: message as Record<string, unknown> });
  };
  for (const name of ['relyt:encode', 'relyt:retry', 'relyt:reject'] as const) {
    const listener = into(name);
    subscribe(name, listener);
    onTestFinished(() => void unsubscribe(name, listener));
  }
  for (const name of ['relyt:upload', 'relyt:freeze', 'relyt:import'] as const) {
    const ended = `tracing:${name}:asyncEnd`;
    const listener = into(name);
    subscribe(ended, listener);
    onTestFinished(() => void unsubscribe(ended, listener));
  }
  return (name: keyof DiagnosticMessages, processId: string) =>
    seen
      .filter((one) => one.name === name && one.message.processId === processId)
      .map(({ message }) => message);
}

describe('diagnostics channels', () => {
  const makeTarget = targetsOn(defaultServer());

  test('tell each step of a load, with counts that add up', async () => {
    const of = watchAll();
    const target = await makeTarget(COLUMNS);
    await using processor = await target.open({ batchSize: 10, maxErrorRecords: 1 });
    await processor.insert([...generate(25, record), { id: 'x', v: '' }]);
    await processor.shutdown();
    const { processId } = processor;
    const table = `${target.schema}.${target.table}`;
    const sum = (name: keyof DiagnosticMessages, member: string) =>
      of(name, processId).reduce((all, message) => all + Number(message[member]), 0);

    for (const name of ['relyt:encode', 'relyt:upload', 'relyt:freeze', 'relyt:import'] as const) {
      expect(of(name, processId).length, name).toBeGreaterThan(0);
      for (const message of of(name, processId))
        expect(message).toMatchObject({ table, seconds: expect.any(Number) });
    }
    expect(sum('relyt:encode', 'records')).toBe(25);
    expect(sum('relyt:freeze', 'records')).toBe(25);
    expect(sum('relyt:import', 'records')).toBe(25);
    expect(sum('relyt:upload', 'bytes')).toBe(sum('relyt:encode', 'bytes'));
    for (const message of of('relyt:import', processId))
      expect(message).toMatchObject({ counts: { inserted: message.records } });
    expect(of('relyt:reject', processId)).toEqual([
      expect.objectContaining({ record: 26, stage: 'encode' }),
    ]);
  });

  test('tell what fails, and what is dropped, with an error and an end', async () => {
    const of = watchAll();
    const target = await makeTarget('id int check (id <> 3), v text');
    await using proxy = await S3Proxy.start(testStack().s3.endpoint);
    await using failing = await target.open();
    await failing.insert(generate(5, record));
    await failureOf(failing.flush());
    expect(of('relyt:import', failing.processId)).toEqual([
      expect.objectContaining({ error: expect.objectContaining({ code: 'IMPORT_REFUSED' }) }),
    ]);

    await using refused = await target.open({ s3: { endpoint: proxy.endpoint } });
    proxy.faultOf = ({ method }) => (method === 'PUT' ? { status: 403 } : undefined);
    await refused.insert(generate(2, record));
    const failure = await failureOf(refused.flush());
    await refused.abort();
    expect(of('relyt:upload', refused.processId)).toEqual([
      expect.objectContaining({ error: expect.objectContaining({ code: failure.code }) }),
    ]);
  });

  test('hold no subscriber of the loader once its tasks have ended', async () => {
    const target = await makeTarget(COLUMNS);
    const quiet = () => undefined;
    const logger = {
      trace: quiet,
      debug: quiet,
      info: quiet,
      warn: quiet,
      error: quiet,
      fatal: quiet,
    };
    await using processor = await target.open({ logger });
    await processor.insert(generate(5, record));
    await processor.shutdown();

    expect(channel('relyt:retry').hasSubscribers).toBe(false);
    expect(tracingChannel('relyt:import').start.hasSubscribers).toBe(false);
  });
});
