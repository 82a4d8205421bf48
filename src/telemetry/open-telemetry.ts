/** Spans and metrics for OpenTelemetry, from the diagnostics channels. The only place that knows `@opentelemetry/api`. */

import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { StepChannel } from '../diagnostics/channels.ts';
import type { DiagnosticMessages } from '../diagnostics/messages.ts';
import { RelytError } from '../errors.ts';
import { VERSION } from '../version.ts';
import { StepMetrics } from './step-metrics.ts';
import { StepSpans } from './step-spans.ts';

type Listeners = readonly (readonly [channel: string, listener: (message: unknown) => void])[];

/**
 * From now on every load and migration of this process writes spans and metrics to the providers that are registered
 * with `@opentelemetry/api`, until the result is disposed. Call it once, after your OpenTelemetry SDK has started.
 * @throws RelytError OPENTELEMETRY_MISSING
 *
 * @example
 * ```ts
 * import { BulkProcessor, openTelemetry } from 'relyt-sdk';
 *
 * using _telemetry = await openTelemetry();
 * await using processor = await BulkProcessor.create({ postgresql: { table: 'visit' } });
 * await processor.insert([{ id: 1 }]);
 * await processor.shutdown();
 * ```
 */
export async function openTelemetry(): Promise<Disposable> {
  const api = await loadedApi();
  const spans = new StepSpans(api, VERSION);
  const metrics = new StepMetrics(api.metrics.getMeter('relyt-sdk', VERSION));
  const listeners = [...stepListeners(spans, metrics), ...pointListeners(spans, metrics)];
  for (const [channel, listener] of listeners) subscribe(channel, listener);
  return {
    [Symbol.dispose]: () => {
      for (const [channel, listener] of listeners) unsubscribe(channel, listener);
    },
  };
}

async function loadedApi(): Promise<typeof import('@opentelemetry/api')> {
  try {
    return await import('@opentelemetry/api');
  } catch (error) {
    throw new RelytError('OPENTELEMETRY_MISSING', '@opentelemetry/api cannot be loaded.', {
      cause: error,
    });
  }
}

function stepListeners(spans: StepSpans, metrics: StepMetrics): Listeners {
  const step = <Name extends StepChannel>(
    name: Name,
    over: (message: DiagnosticMessages[Name]) => void,
  ): Listeners => [
    [`tracing:${name}:start`, (message) => spans.begin(name, message as DiagnosticMessages[Name])],
    [
      `tracing:${name}:asyncEnd`,
      (message) => {
        over(message as DiagnosticMessages[Name]);
        spans.end(message as DiagnosticMessages[Name]);
      },
    ],
  ];
  return [
    ...step('relyt:upload', (message) => metrics.uploaded(message)),
    ...step('relyt:freeze', (message) => metrics.operated('freeze', message)),
    ...step('relyt:import', (message) => {
      metrics.operated('import', message);
      metrics.imported(message);
    }),
    ...step('relyt:migrate', (message) => metrics.operated('migrate', message)),
  ];
}

function pointListeners(spans: StepSpans, metrics: StepMetrics): Listeners {
  return [
    [
      'relyt:encode',
      (message) => {
        metrics.encoded(message as DiagnosticMessages['relyt:encode']);
        spans.encoded(message as DiagnosticMessages['relyt:encode']);
      },
    ],
    ['relyt:reject', (message) => metrics.rejected(message as DiagnosticMessages['relyt:reject'])],
    ['relyt:retry', (message) => metrics.retried(message as DiagnosticMessages['relyt:retry'])],
  ];
}
