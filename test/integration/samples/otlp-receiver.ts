/**
 * A stand-in for the OpenTelemetry Collector, which neither npm nor Debian has: it takes what OTLP/HTTP sends as JSON, and
 * keeps it. It shows what the exporters sent, not what a collector makes of it.
 */

import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { createGunzip } from 'node:zlib';

interface OtlpAttribute {
  readonly key: string;
  readonly value: { readonly stringValue?: string };
}

export interface OtlpResource {
  readonly resource: { readonly attributes: readonly OtlpAttribute[] };
}

export interface OtlpSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly attributes: readonly OtlpAttribute[];
}

export interface OtlpMetric {
  readonly name: string;
  readonly unit: string;
}

interface TraceRequest {
  readonly resourceSpans: readonly (OtlpResource & {
    readonly scopeSpans: readonly { readonly spans: readonly OtlpSpan[] }[];
  })[];
}

interface MetricRequest {
  readonly resourceMetrics: readonly (OtlpResource & {
    readonly scopeMetrics: readonly { readonly metrics: readonly OtlpMetric[] }[];
  })[];
}

export class OtlpReceiver implements AsyncDisposable {
  readonly spans: OtlpSpan[] = [];
  readonly metrics: OtlpMetric[] = [];
  readonly resources: OtlpResource[] = [];
  readonly #server = http.createServer((request, response) => {
    this.#take(request).then(
      () => response.setHeader('Content-Type', 'application/json').end('{}'),
      (error: unknown) => response.writeHead(400).end(String(error)),
    );
  });

  /** Base address, as OTEL_EXPORTER_OTLP_ENDPOINT has it. */
  async start(): Promise<string> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.close();
    this.#server.closeAllConnections();
    await once(this.#server, 'close');
  }

  async #take(request: http.IncomingMessage): Promise<void> {
    const isPacked = request.headers['content-encoding'] === 'gzip';
    const body = JSON.parse(await text(isPacked ? request.pipe(createGunzip()) : request));
    if (request.url === '/v1/traces') this.#takeTraces(body);
    else if (request.url === '/v1/metrics') this.#takeMetrics(body);
    else throw new Error(`no signal has the path ${request.url}`);
  }

  #takeTraces({ resourceSpans }: TraceRequest): void {
    this.resources.push(...resourceSpans);
    const scopes = resourceSpans.flatMap(({ scopeSpans }) => scopeSpans);
    this.spans.push(...scopes.flatMap(({ spans }) => spans));
  }

  #takeMetrics({ resourceMetrics }: MetricRequest): void {
    this.resources.push(...resourceMetrics);
    const scopes = resourceMetrics.flatMap(({ scopeMetrics }) => scopeMetrics);
    this.metrics.push(...scopes.flatMap(({ metrics }) => metrics));
  }
}
