// Spans and metrics of a load go to an OpenTelemetry Collector over OTLP/HTTP: to OTEL_EXPORTER_OTLP_ENDPOINT, or else to
// http://localhost:4318.
import { context, metrics, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { OTLPMetricExporter } from '@opentelemetry/exporter-metrics-otlp-http';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { MeterProvider, PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics';
import { BasicTracerProvider, BatchSpanProcessor } from '@opentelemetry/sdk-trace-base';
import pg from 'pg';
import { BulkProcessor, openTelemetry } from 'relyt-sdk';

const connectionString = process.env.DATABASE_URL;
const database = new pg.Client({ connectionString });
await database.connect();
await database.query('create table sale (id bigint primary key, cents int not null)');

const resource = resourceFromAttributes({ 'service.name': 'nightly-load' });
const tracers = new BasicTracerProvider({
  resource,
  spanProcessors: [new BatchSpanProcessor(new OTLPTraceExporter())],
});
const meters = new MeterProvider({
  resource,
  readers: [new PeriodicExportingMetricReader({ exporter: new OTLPMetricExporter() })],
});
context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
trace.setGlobalTracerProvider(tracers);
metrics.setGlobalMeterProvider(meters);

// After the providers are registered, once for the process.
const telemetry = await openTelemetry();

await trace.getTracer('jobs').startActiveSpan('load of sales', async (job) => {
  try {
    await using processor = await BulkProcessor.create({
      postgresql: { connectionString, table: 'sale' },
    });
    await processor.insert(Array.from({ length: 1_000 }, (_, id) => ({ id, cents: 100 + id })));
    await processor.shutdown();
  } finally {
    job.end();
  }
});

// A batch waits for seconds: without this, a short job would end before it is sent. It fails if the collector takes none.
await Promise.all([tracers.forceFlush(), meters.forceFlush()]);
telemetry[Symbol.dispose]();
await Promise.all([tracers.shutdown(), meters.shutdown()]);
await database.end();
