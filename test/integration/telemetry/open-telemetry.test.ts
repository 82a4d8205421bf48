// Spans and metrics of real loads, as an OpenTelemetry SDK gets them.

import { context, metrics, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics';
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  type ReadableSpan,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-base';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { openTelemetry } from '../../../src/telemetry/open-telemetry.ts';
import { failureOf, generate, targetsOn } from '../../support/loading.ts';
import { defaultServer } from '../../support/stack.ts';

const record = (n: number) => ({ id: n, v: `value ${n}` });
const COLUMNS = 'id int primary key, v text';

const spanExporter = new InMemorySpanExporter();
const metricExporter = new InMemoryMetricExporter(AggregationTemporality.DELTA);
const reader = new PeriodicExportingMetricReader({ exporter: metricExporter });
const tracers = new BasicTracerProvider({
  spanProcessors: [new SimpleSpanProcessor(spanExporter)],
});
const meters = new MeterProvider({ readers: [reader] });

beforeAll(() => {
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  trace.setGlobalTracerProvider(tracers);
  metrics.setGlobalMeterProvider(meters);
});
afterEach(() => {
  spanExporter.reset();
  metricExporter.reset();
});
afterAll(async () => {
  await Promise.all([tracers.shutdown(), meters.shutdown()]);
  for (const api of [trace, metrics, context]) api.disable();
});

/** Of one name; those that the loader writes say who wrote them. */
function spansOf(name: string): readonly ReadableSpan[] {
  return spanExporter.getFinishedSpans().filter((span) => span.name === name);
}

/** Sum of a counter, or number of observations of a histogram, over the points with these attributes. */
async function measured(name: string, attributes: Readonly<Record<string, unknown>>) {
  await reader.forceFlush();
  const found = metricExporter
    .getMetrics()
    .flatMap(({ scopeMetrics }) => scopeMetrics)
    .filter(({ scope }) => scope.name === 'relyt-sdk')
    .flatMap((scope) => scope.metrics)
    .filter(({ descriptor }) => descriptor.name === name)
    .flatMap(({ descriptor, dataPoints }) => dataPoints.map((point) => ({ descriptor, point })))
    .filter(({ point }) =>
      Object.entries(attributes).every(([key, value]) => point.attributes[key] === value),
    );
  const total = found.reduce((sum, { point }) => {
    const { value } = point;
    return sum + (typeof value === 'number' ? value : value.count);
  }, 0);
  return { total, unit: found[0]?.descriptor.unit };
}

describe('OpenTelemetry', () => {
  const makeTarget = targetsOn(defaultServer());

  test('has a span for each step, below the one that was active, and metrics that add up', async () => {
    using _telemetry = await openTelemetry();
    const target = await makeTarget(COLUMNS);
    const table = `${target.schema}.${target.table}`;
    const parent = trace.getTracer('test').startSpan('a job');
    const processId = await context.with(trace.setSpan(context.active(), parent), async () => {
      await using processor = await target.open({ batchSize: 10, maxErrorRecords: 1 });
      await processor.insert([...generate(25, record), { id: 'x', v: '' }]);
      await processor.shutdown();
      return processor.processId;
    });
    parent.end();

    const imports = spansOf(`import ${table}`);
    expect(imports.length).toBeGreaterThan(0);
    for (const name of [`import ${table}`, `encode ${table}`, `freeze ${table}`]) {
      expect(spansOf(name).length, name).toBeGreaterThan(0);
      for (const span of spansOf(name)) {
        expect(span.attributes['relyt.task.id']).toBe(processId);
        expect(span.instrumentationScope.name).toBe('relyt-sdk');
        expect(span.spanContext().traceId).toBe(parent.spanContext().traceId);
      }
    }
    const [first] = imports;
    expect(first).toMatchObject({ kind: SpanKind.CLIENT, status: { code: SpanStatusCode.UNSET } });
    expect(first?.attributes).toMatchObject({
      'db.system.name': 'postgresql',
      'db.operation.name': 'import',
      'db.collection.name': table,
    });
    const uploads = spanExporter.getFinishedSpans().filter(({ name }) => /^upload /.test(name));
    expect(uploads.length).toBe(spansOf(`encode ${table}`).length);
    expect(uploads[0]?.attributes['aws.s3.key']).toContain(processId);

    const ofTable = { 'db.collection.name': table };
    expect(
      await measured('relyt.import.records', { ...ofTable, 'relyt.outcome': 'inserted' }),
    ).toEqual({
      total: 25,
      unit: '{record}',
    });
    expect((await measured('relyt.encode.records', ofTable)).total).toBe(25);
    expect(await measured('relyt.reject.records', ofTable)).toMatchObject({ total: 1 });
    expect(
      await measured('db.client.operation.duration', { ...ofTable, 'db.operation.name': 'import' }),
    ).toEqual({ total: imports.length, unit: 's' });
  });

  test('says why an import failed, in words of the conventions, without secrets (G7)', async () => {
    using _telemetry = await openTelemetry();
    const target = await makeTarget('id int check (id <> 3), v text');
    const table = `${target.schema}.${target.table}`;
    await using processor = await target.open();
    await processor.insert(generate(5, record));
    expect((await failureOf(processor.flush())).code).toBe('IMPORT_REFUSED');
    await processor.abort();

    const [span] = spansOf(`import ${table}`);
    expect(span?.status.code).toBe(SpanStatusCode.ERROR);
    expect(span?.attributes).toMatchObject({
      'error.type': 'IMPORT_REFUSED',
      'db.response.status_code': '23514',
    });
    const failed = { 'db.collection.name': table, 'error.type': 'IMPORT_REFUSED' };
    expect((await measured('db.client.operation.duration', failed)).total).toBe(1);
    expect(JSON.stringify(span?.attributes)).not.toMatch(/password|secret/i);
  });

  test('writes nothing once it is disposed', async () => {
    const telemetry = await openTelemetry();
    telemetry[Symbol.dispose]();
    const target = await makeTarget(COLUMNS);
    await using processor = await target.open();
    await processor.insert(generate(5, record));
    await processor.shutdown();

    expect(spanExporter.getFinishedSpans()).toEqual([]);
  });
});
