// Spans and metrics of a load for OpenTelemetry: every upload, freeze and import of the process, below the span of the job.
import assert from 'node:assert/strict';
import { context, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-base';
import pg from 'pg';
import { BulkProcessor, openTelemetry } from 'relyt-sdk';

const connectionString = process.env.DATABASE_URL;
const database = new pg.Client({ connectionString });
await database.connect();
await database.query('create table measurement (id bigint primary key, value float8)');

// Your own set-up: an OTLP exporter with a batch processor, say, or NodeSDK, which does all of this.
const exporter = new InMemorySpanExporter();
const provider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] });
trace.setGlobalTracerProvider(provider);
context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());

// Once for the process, after the OpenTelemetry SDK has started.
const telemetry = await openTelemetry();

await trace.getTracer('jobs').startActiveSpan('nightly load', async (job) => {
  await using processor = await BulkProcessor.create({
    postgresql: { connectionString, table: 'measurement' },
  });
  await processor.insert(Array.from({ length: 1_000 }, (_, id) => ({ id, value: id / 7 })));
  await processor.shutdown();
  job.end();
});

const spans = exporter.getFinishedSpans();
const job = spans.find(({ name }) => name === 'nightly load');
const imported = spans.filter(({ name }) => name === 'import public.measurement');
assert.ok(imported.length > 0);
for (const span of imported) {
  assert.equal(span.spanContext().traceId, job?.spanContext().traceId);
  assert.equal(span.attributes['db.collection.name'], 'public.measurement');
}

telemetry[Symbol.dispose]();
await provider.shutdown();
await database.end();
