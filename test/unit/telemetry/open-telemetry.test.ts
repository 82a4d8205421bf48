import { hasSubscribers } from 'node:diagnostics_channel';
import { afterEach, expect, test, vi } from 'vitest';
import { openTelemetry } from '../../../src/telemetry/open-telemetry.ts';

const CHANNELS = [
  ...['relyt:encode', 'relyt:retry', 'relyt:reject'],
  ...['upload', 'freeze', 'import', 'migrate'].flatMap((step) => [
    `tracing:relyt:${step}:start`,
    `tracing:relyt:${step}:asyncEnd`,
  ]),
];

afterEach(() => {
  vi.doUnmock('@opentelemetry/api');
  vi.resetModules();
});

test('subscribes to every step until it is disposed', async () => {
  const telemetry = await openTelemetry();
  expect(CHANNELS.filter((name) => !hasSubscribers(name))).toEqual([]);

  telemetry[Symbol.dispose]();
  expect(CHANNELS.filter((name) => hasSubscribers(name))).toEqual([]);
});

test('without @opentelemetry/api it says what to install, and subscribes to nothing', async () => {
  vi.doMock('@opentelemetry/api', () => {
    throw new Error('Cannot find package');
  });

  await expect(openTelemetry()).rejects.toMatchObject({
    code: 'OPENTELEMETRY_MISSING',
    retry: 'manual',
    hint: 'Install it: `npm install @opentelemetry/api`.',
  });
  expect(CHANNELS.filter((name) => hasSubscribers(name))).toEqual([]);
});
